"""What is typed: once, in base64, with the size of the screen."""

from __future__ import annotations

from rota.client.typed import typed


def test_what_is_typed_travels_once() -> None:
    """A key pressed once does not arrive twice, whatever the line does."""
    call = typed(12, b"\xff\n", size=(24, 80), task=3)

    assert call.again is False
    assert call.target.endswith("/jobs/12/input")
    assert call.body == {"b64": "/wo=", "rows": 24, "columns": 80, "task": 3}


def test_the_end_of_input_is_no_text() -> None:
    """It is told beside what is typed."""
    assert typed(12, eof=True).body == {"eof": True}
