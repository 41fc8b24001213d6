"""Errors on their way out: sentences, JSON, exit codes."""

from __future__ import annotations

import pytest

from rota.core.errors import Complaint, Conflict, Malformed, Unreachable
from rota.faces.complain import complain, sentences, wants_json


def test_each_complaint_has_its_line() -> None:
    """Where, what, and what would be right; nothing twice."""
    error = Malformed(
        complaints=[
            Complaint("memory", "10 has no unit", "write 10GB", "--memory"),
            Complaint("cores", "is 0", "", "jobs.yaml:3:1"),
        ]
    )

    assert sentences(error) == [
        "--memory: 10 has no unit; write 10GB",
        "jobs.yaml:3:1: cores: is 0",
    ]


def test_a_sentence_of_its_own_comes_first() -> None:
    """With the complaints below it."""
    error = Malformed("two things are wrong", [Complaint("a", "x"), Complaint("b", "y")])

    assert sentences(error) == ["two things are wrong", "  a: x", "  b: y"]


def test_what_is_wrong_cannot_bite_the_terminal() -> None:
    """A refused name is shown, not obeyed."""
    assert sentences(Conflict("no \x1b[2J")) == ["no \\x1b[2J"]


@pytest.mark.parametrize(
    ("error", "code"), [(Conflict("no"), 2), (Unreachable("away"), 125)]
)
def test_the_tree_of_errors_gives_the_exit_code(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """2 refused, 125 ours."""
    assert complain(error, ["ls"]) == code
    assert capsys.readouterr().err == f"rota: {error}\n"


def test_with_json_the_error_is_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    """On stdout, where a program reads."""
    complain(Conflict("no"), ["kill", "12", "--json"])

    assert '"schema": "rota.error/1"' in capsys.readouterr().out


def test_json_after_two_dashes_is_the_job_s() -> None:
    """What stands behind -- is never ours."""
    assert wants_json(["submit", "--json", "--", "x"])
    assert not wants_json(["submit", "--", "x", "--json"])


def test_a_bug_of_ours_is_not_dressed_up() -> None:
    """Other exceptions keep their traceback."""
    assert complain(ValueError("bug"), []) is None
