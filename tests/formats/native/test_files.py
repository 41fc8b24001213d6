"""Whole files of any kind, and texts that are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.core.fields import NAMES
from rota.formats.native import build_many, merge, parse_file
from rota.formats.native.files import KINDS, kind_of
from tests.formats.native.telling import refused


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.yaml", "command: x", "yaml"),
        ("a.YML", "", "yaml"),
        ("a.json", "", "json"),
        ("a.toml", "", "toml"),
        ("a.sh", "#!/bin/sh\n", "script"),
        ("a.yaml", "#!/usr/bin/env -S rota submit", "script"),
        ("-", ' {"command": "x"}', "json"),
        ("-", "[{}]", "json"),
        ("-", "command: x", "yaml"),
        ("job", "", "yaml"),
    ],
)
def test_the_kind_of_a_file_is_found(name: str, text: str, kind: str) -> None:
    """By its first line, its ending, or its first character."""
    assert kind_of(name, text) == kind


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("yaml", "command: x\ncores: 2\n"),
        ("json", '{"command": "x", "cores": 2}'),
        ("toml", 'command = "x"\ncores = 2\n'),
        ("line", "command: x; cores: 2"),
    ],
)
def test_the_same_job_in_every_syntax(kind: str, text: str) -> None:
    """Is the same document."""
    (document,) = parse_file(text, kind)

    assert document.data == {"command": "x", "cores": 2}


def test_a_script_is_a_document_too() -> None:
    """Its text is what runs."""
    (document,) = parse_file("#!/bin/sh\n#ROTA cores: 2\n", "script")

    assert set(document.data) == {"script", "cores"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_nul_byte_is_told_with_its_line(kind: str) -> None:
    """Whatever the syntax: it is no text."""
    assert refused(parse_file, "a\n\0", kind, where="f") == ["f:2:1: has a NUL byte in it"]


WORDS = st.sampled_from(
    [*NAMES, "jobs", "defaults", "#ROTA ", "#!/bin/sh\n", "---\n", "- ", ": ", "\n", "  ",
     "[", "]", "{", "}", '"', "'", ",", "=", "&a ", "*a", "<<: ", "!!str ", "!x ", "|\n ",
     ">", "# ", "10GB", "1h", "0", "-1", "1e999", ".nan", "null", "true", "ok:1", "%", ";",
     "--", "\t", "\\", "\r\n", "\ufeff", "\x85", "\ud800", "é"]
)  # fmt: skip
TEXTS = st.lists(WORDS | st.text(max_size=3), max_size=25).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(KINDS))
def test_any_text_is_read_or_refused_with_a_place(text: str, kind: str) -> None:
    """No crash, no hang, and always a complaint that says where."""
    try:
        documents = parse_file(text, kind, where="f")
        build_many(
            [merge([({}, d.data)])[0] for d in documents],
            sources=[d.sources for d in documents],
        )
    except Malformed as error:
        assert error.complaints
        for complaint in error.complaints:
            assert str(complaint).isprintable()
            assert (
                complaint.where.startswith("f")
                or complaint.field
                or "what to run" in str(complaint)
            )
