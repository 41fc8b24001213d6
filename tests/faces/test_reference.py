"""The reference of the verbs, made from their parsers."""

from __future__ import annotations

from rota.core.fields import FIELDS
from rota.faces.main import VERBS
from rota.faces.reference import reference_text, verb_text


def test_every_verb_and_every_key_is_there() -> None:
    """Once each."""
    text = reference_text()

    for verb in VERBS:
        assert text.count(f"### rota {verb}\n") == 1
    for row in FIELDS.values():
        assert not row.option or f"`{row.option}" in verb_text("submit")


def test_a_verb_s_section() -> None:
    """Sentence, table, examples."""
    lines = verb_text("wait").splitlines()

    assert lines[0] == "### rota wait"
    assert lines[2] == "Wait until jobs are over, exit as they did."
    assert any(line.startswith("| `--timeout TIME` | give up after it") for line in lines)
    assert "  rota wait last && echo fine" in lines


def test_tables_are_not_broken_by_what_stands_in_them() -> None:
    """A bar in a help text would end its cell."""
    for line in reference_text().splitlines():
        if line.startswith("| `"):
            assert line.replace("\\|", "").count("|") == 3, line
