"""What licence servers print, read: text → readings; no I/O.

lmstat     FlexNet's ``lmutil lmstat -a``      rlmstat    Reprise's ``rlmutil rlmstat -a``
number     any command or address that prints one number
"""
