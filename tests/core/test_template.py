"""Placeholders: what is replaced, and that values stay data in every corner of a shell."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.template import fill, fill_shell, holes

NASTY = [
    "a b", "$(echo HACKED)", "`echo HACKED`", "it's", 'say "x"', "a\nb", "\\", "$HOME",
    ";echo HACKED", "* ?", "", "é", "-n", "a#b", "!x", "{item}", "'", '"', "a'b\"c$d`e\\",
]  # fmt: skip

# Shell text, and what it prints for a value.
PLACES = [
    ("printf '%s\\n' {item}", "{}"),
    ('printf "%s\\n" "{item}"', "{}"),
    ("printf '%s\\n' '{item}'", "{}"),
    ("printf '%s\\n' 'x{item}y'", "x{}y"),
    ('printf "%s\\n" "it\'s {item}"', "it's {}"),
    ("# don't {item}\nprintf '%s\\n' {item}", "{}"),
    ("x=\"a#b\"; printf '%s\\n' {item} # it's", "{}"),
    ('printf "%s\\n" "$(printf "%s" {item})"', "{}"),
    ('printf "%s\\n" "$(printf "%s" "({item})")"', "({})"),
    ("printf '%s\\n' $(( (1+2) )){item}", "3{}"),
    ('printf "%s\\n" \\"{item}', '"{}'),
    ("printf '%s\\n' `printf a`{item}", "a{}"),
]


@pytest.mark.parametrize("value", NASTY)
@pytest.mark.parametrize(("text", "prints"), PLACES)
def test_a_value_is_data_wherever_it_stands(text: str, prints: str, value: str) -> None:
    """Quotes, dollar signs and line breaks of a value arrive as they are, and never run."""
    command = fill_shell(text, {"item": value})

    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, check=True
    )

    assert done.stdout == prints.replace("{}", value) + "\n"


@given(st.text(alphabet="ab '\"\\$()`;#&|\n{}item", max_size=30))
def test_no_value_runs_even_where_the_quoting_is_misread(text: str) -> None:
    """Here-documents, half-open quotes, odd nesting: nothing of the value is a command."""
    value = "$(exit 7); exit 7; `exit 7`"

    command = fill_shell(text + "{item}", {"item": value})

    # The value is in the text once, quoted, at its head; the rest names a variable.
    if "ROTA_VAR_item=" in command:
        head, _, rest = command.partition("; exit 7; `exit 7`'; ")
        assert head == "ROTA_VAR_item='$(exit 7)"
        assert "exit 7" not in rest


def test_plain_values_stand_as_they_are() -> None:
    """Numbers and paths make no detour, so `ps` shows what runs."""
    facts = {"task": "7", "item": "data/a-1.dat"}

    assert fill_shell("run {task} '{item}'", facts) == "run 7 'data/a-1.dat'"


def test_only_declared_names_are_replaced() -> None:
    """Braces of the shell, of awk and of JSON are left alone, and so is ${task}."""
    text = "awk '{print $1}' {a,b} ${task} {task} {other} {} {1x}"
    facts = {"task": "7"}

    assert fill(text, facts) == "awk '{print $1}' {a,b} ${task} 7 {other} {} {1x}"
    assert fill_shell(text, facts) == fill(text, facts)


def test_values_are_not_read_for_placeholders_again() -> None:
    """One pass: a value may hold braces."""
    assert fill("{a}{b}", {"a": "{b}", "b": "{a}"}) == "{b}{a}"


def test_holes_are_found() -> None:
    """Declared or not, but not the shell's."""
    assert holes("{a} ${b} {c d} {e}{a}") == {"a", "e"}


@pytest.mark.parametrize("text", ["", "no braces", "}{", "{"])
def test_text_without_placeholders_is_itself(text: str) -> None:
    """The common case costs nothing."""
    assert fill(text, {"a": "b"}) == text == fill_shell(text, {"a": "b"})
