"""What runs on the node for ``Executor``: one call, its result into a file beside it.

    FOLDER/function   the function, pickled        FOLDER/args   [(args, kwargs), …]
    FOLDER/result.N   (True, value) or (False, exception, traceback as text)

Only what the user's own program wrote is unpickled, by the user's own job; never by a
server or an agent.
"""

from __future__ import annotations

import os
import pickle
import sys
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main(folder: str, index: int) -> int:
    """Make call *index* of *folder* and write down what came of it."""
    try:
        with open(os.path.join(folder, "function"), "rb") as file:
            function = pickle.load(file)  # noqa: S301  # the user's own, see above
        with open(os.path.join(folder, "args"), "rb") as file:
            args, kwargs = pickle.load(file)[index]  # noqa: S301
        answer: tuple[Any, ...] = (True, function(*args, **kwargs))
        data = pickle.dumps(answer)
    except Exception as error:  # noqa: BLE001  # whatever it is, the caller gets it
        answer = (False, error, traceback.format_exc())
        data = _dumped(error, answer)
    fresh = os.path.join(folder, f"result.{index}.{os.getpid()}")
    with open(fresh, "wb") as file:
        file.write(data)
    os.replace(fresh, os.path.join(folder, f"result.{index}"))
    return 0 if answer[0] else 1


def _dumped(error: Exception, answer: tuple[Any, ...]) -> bytes:
    """Return *answer* pickled; an exception that cannot be travels as its text."""
    try:
        data = pickle.dumps(answer)
        pickle.loads(data)  # noqa: S301  # some can be written and not read
    except Exception:  # noqa: BLE001
        told = RuntimeError(f"{type(error).__name__}: {error}")
        return pickle.dumps((False, told, answer[2]))
    return data


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
