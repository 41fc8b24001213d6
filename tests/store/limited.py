"""A program that commits until the kernel refuses to let its files grow.

python -m tests.store.limited DATABASE      prints the last job confirmed, then errors
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from rota.core.errors import RotaError
from rota.core.job import JobSpec
from rota.store.sqlite import SqliteStore
from tests.store import making as make

SIZE = 2 << 20

store = SqliteStore(Path(sys.argv[1]), ballast=0)
resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE, SIZE))
last = 0
try:
    while True:
        store.commit(make.submitted(last + 1, JobSpec(script=f"{last}" + "x" * 20_000)))
        last += 1
except RotaError as error:
    print(last)
    print(f"{type(error).__name__}: {error}")
# There would be room for a small one; but who has failed once is not believed again.
try:
    store.commit(make.submitted(last + 1))
except RotaError as error:
    print(f"{type(error).__name__}: {error}")
