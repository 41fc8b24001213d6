"""What a job wrote may say more than its exit code."""

from __future__ import annotations

from pathlib import Path

from rota.agent.matches import against, find


def test_a_line_that_fail_if_names_is_a_failure(tmp_path: Path) -> None:
    """The line is the evidence."""
    out = tmp_path / "out"
    out.write_text("step 1\nERROR: diverged at 7\nbye\n")
    why = against([str(out)], fail_if=["^ERROR"], pass_if=[])

    assert why is not None and why.code == "pattern"
    assert why.evidence == {"fail_if": "^ERROR", "line": "ERROR: diverged at 7"}


def test_without_a_line_that_pass_if_wants_it_has_failed(tmp_path: Path) -> None:
    """One of several will do, in either output."""
    out, err = tmp_path / "out", tmp_path / "err"
    out.write_text("nothing\n")
    err.write_text("THE ANALYSIS HAS COMPLETED SUCCESSFULLY\n")
    paths, wanted = [str(out), str(err)], ["COMPLETED", "ALL DONE"]

    assert against(paths, fail_if=[], pass_if=wanted) is None
    why = against(paths[:1], fail_if=[], pass_if=wanted)
    assert why is not None and "'COMPLETED' or 'ALL DONE'" in why.text
    assert against([str(tmp_path / "none")], fail_if=["."], pass_if=[]) is None


def test_an_expression_that_takes_for_ever_is_given_up() -> None:
    """Nothing is found, and the node goes on."""
    assert find(r"^(a+)+$", ["a" * 40 + "b"]) is None
