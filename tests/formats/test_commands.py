"""What a document runs, as shell text."""

from __future__ import annotations

import subprocess

import pytest

from rota.formats.commands import shell_text


@pytest.mark.parametrize(
    ("doc", "told"),
    [
        ({"command": "echo 'a  b'"}, "a  b\n"),
        ({"argv": ["echo", "a  b"]}, "a  b\n"),
        ({"argv": ["sh", "-c", "echo $A"], "setup": "export A=5"}, "5\n"),
        ({"script": "#!/bin/bash\necho one\necho two\n"}, "one\ntwo\n"),
        ({"script": "#!/bin/cat\nas it is\n"}, "as it is\n"),
    ],
)
def test_a_shell_does_what_the_document_says(doc: dict[str, object], told: str) -> None:
    """Whatever form it has."""
    done = subprocess.run(
        ["/bin/sh", "-c", shell_text(doc)], capture_output=True, text=True, check=True
    )
    assert done.stdout == told
