"""Other systems under the same work, each a program that ``bench/peers.py`` drives.

    started     ──▶  prints "ready" when its workers are warm
    reads "N"   ──▶  hands in N times /bin/true, two at a time, and prints "done" at the end

They run in an environment of their own, and know nothing of Rota.
"""
