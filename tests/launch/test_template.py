"""Commands that an operator wrote."""

from __future__ import annotations

import pytest

from rota.launch.contract import QUEUED, LaunchFailed, Seen
from rota.launch.template import Template
from tests.launch.samples import output, pool


def test_words_are_filled_in_and_quoted() -> None:
    """Other braces are the shell's own."""
    commands = {"submit": "sub {marker} ${HOME}", "poll": "ls", "cancel": "rm {ids}"}
    given = pool("command", commands=commands)
    submit = Template().submit("text", pool=given, marker="rota-a-b-1")
    assert submit.argv == ("sh", "-c", "sub rota-a-b-1 ${HOME}")
    assert submit.stdin == "text"
    assert Template().cancel(["1", "a b"], pool=given).argv[2] == "rm 1 'a b'"


def test_lines_are_read_strictly() -> None:
    """ID STATE NAME, or the line is named."""
    assert Template().polled(output("7 queued rota-a-b-1\n")) == {
        "7": Seen(QUEUED, "rota-a-b-1", "queued")
    }
    with pytest.raises(LaunchFailed, match="'7 Q x' is not ID STATE NAME"):
        Template().polled(output("7 Q x\n"))
    assert Template().submitted(output("submitted 7\n")) == "7"
    with pytest.raises(LaunchFailed, match=r"commands\.submit"):
        Template().submitted(output(""))
