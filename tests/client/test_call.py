"""One call on the node."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

from rota.client.call import main


def test_value_or_exception(tmp_path: Path) -> None:
    """Into a file that is whole or not there."""
    (tmp_path / "function").write_bytes(pickle.dumps(math.sqrt))
    (tmp_path / "args").write_bytes(pickle.dumps([((4,), {}), ((-1,), {})]))

    assert main(str(tmp_path), 0) == 0 and main(str(tmp_path), 1) == 1
    assert pickle.loads((tmp_path / "result.0").read_bytes()) == (True, 2.0)  # noqa: S301
    is_ok, error, text = pickle.loads((tmp_path / "result.1").read_bytes())  # noqa: S301
    assert not is_ok and isinstance(error, ValueError) and "math domain error" in text
