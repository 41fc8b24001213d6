"""QM's four folders: what is dropped there is run, and found again beside its results.

verb.py     ``rota spool DIR``             watch.py    one look at everything
folders.py  names, settling, moving        job.py      a folder as a job of ours
"""
