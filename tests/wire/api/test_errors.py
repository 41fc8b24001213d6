"""The shape of failures by kind keeps its names."""

from __future__ import annotations

from msgspec import to_builtins

from rota.wire import api


def test_the_names_of_a_kind_of_failure() -> None:
    """Scripts hang on them."""
    first = api.FirstFailure(
        task=7, attempt=1, node="n1", at=None, exit_code=3, signal=None, text="t", said="s"
    )
    group = api.ErrorGroup(
        number=1, signature="0a", code="exit_code", text="t", count=2, tasks="7-8",
        nodes={"n1": 2}, first=first,
    )  # fmt: skip
    shown = to_builtins(api.ErrorsView(id=12, failed=2, groups=[group]))

    assert shown["schema"] == "rota.errors/1"
    assert set(shown["groups"][0]) == {
        "number", "signature", "code", "text", "count", "tasks", "nodes", "first",
    }  # fmt: skip
