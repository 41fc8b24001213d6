"""What is typed to a job that runs: the call that carries it.

It is never sent twice: a key that was pressed once must not arrive twice, so a broken line
is for the caller to know of.
"""

from __future__ import annotations

from rota.client.calls import Call

PIECE_MAX = 32_768
"""Bytes in one call."""


def typed(
    job: int,
    data: bytes = b"",
    *,
    eof: bool = False,
    size: tuple[int, int] | None = None,
    task: int | None = None,
) -> Call:
    """Type *data* to a job; with *eof* end its input; *size* is its (rows, columns)."""
    from binascii import b2a_base64

    body = {
        "b64": b2a_base64(data, newline=False).decode() if data else None,
        "eof": eof or None,
        "rows": size[0] if size else None,
        "columns": size[1] if size else None,
        "task": task,
    }
    given = {name: value for name, value in body.items() if value is not None}
    return Call("POST", f"/jobs/{job}/input", body=given, again=False)
