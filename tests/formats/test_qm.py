"""QM's info files, in their three forms, and QMserv.cfg."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.formats.native import build
from rota.formats.qm import is_info, read, read_settings

CFG = """\
[Proc]
Size : 64
[QMOptions]
nb_proc : 4
e_mail : user@example.org
info : FTMS run 12
script : python process.py proc_config.cfg
"""
XML = """\
<PARAMETER>
    <nb_proc value="4"/><e-mail value="user@example.org"/><Size value="64"/>
    <script value="python process.py proc_config.cfg"/><info value="FTMS run 12"/>
</PARAMETER>
"""
SCRIPT = """\
#!/usr/bin/env python3
#QM nb_proc : 4
#QM e_mail = user@example.org
#QM info : FTMS run 12
print("hello")
"""


@pytest.mark.parametrize("text", [CFG, XML, CFG.replace("_proc :", "_PROC=")])
def test_the_example_of_the_reference(text: str) -> None:
    """cfg and its twin in XML; other sections and elements are the job's own."""
    reading = read(text)
    spec = build({**reading.doc, "cwd": "/data"})
    assert spec.command == "python process.py proc_config.cfg" and not reading.notices
    assert (spec.request.cores, spec.env["NB_PROC"], spec.info) == (4, "4", "FTMS run 12")
    assert spec.tags == ("user@example.org",) and spec.restartable is False


def test_a_script_with_its_options_inside() -> None:
    """The form that QM's authors planned."""
    doc = read(SCRIPT).doc
    assert doc["script"] == SCRIPT and doc["cores"] == 4 and "command" not in doc
    assert build({**doc, "cwd": "/data"}).info == "FTMS run 12"


def test_values_are_raw() -> None:
    """A % is a %, braces are the shell's."""
    text = "[QMOptions]\nscript : date +%Y\n"
    assert read(text).doc["command"] == "date +%Y"
    text = "[QMOptions]\nscript : awk '{job}' x\n"
    assert read(text).doc["script"] == "#!/bin/sh\nawk '{job}' x"


def test_what_is_ignored_is_told() -> None:
    """Options that QM has not; a priority that is none; more cores than a job gets."""
    text = "[QMOptions]\nscript : a\nnb_prok : 2\npriority : x\nnb_proc : 9\n"
    told = {what: (where, fate) for where, what, fate in read(text, most=8).notices}
    assert told["nb_prok"] == (
        "proc_config.cfg:3:1", "QM has no such option; did you mean `nb_proc`?",
    )  # fmt: skip
    assert told["priority x"][0] == "proc_config.cfg:4:1"
    assert told["nb_proc 9"] == ("proc_config.cfg:5:1", "QMserv.cfg gives a job 8 at most")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[QMOptions]\nnb_proc : 4\n", "proc_config.cfg: script: is missing"),
        ("[QMOptions]\nscript : a\nnb_proc : two\n",
         "proc_config.cfg:3:1: nb_proc: 'two' is no number of processors"),
        ("[QMOptions]\nscript : a\nnb_proc : 0\n", "proc_config.cfg:3:1: nb_proc: '0' is"),
        ("[Other]\nscript : a\n", "proc_config.cfg: has no section [QMOptions]"),
        ("script : a\n", "proc_config.cfg:1:1: is no cfg file"),
        ("<PARAMETER>\n<script value='a'\n", "proc_config.cfg:2:1: is not XML"),
        ("<!DOCTYPE p [<!ENTITY a 'b'>]>\n<p><script value='&a;'/></p>",
         "proc_config.cfg:1:13:"),
        ("<!DOCTYPE p SYSTEM 'file:///etc/passwd'>\n<p/>", "proc_config.cfg:1:40:"),
        ("<p><script value='a&#0;'/></p>", "proc_config.cfg:1:20:"),
        ("[QMOptions]\nscript : a\x00b\n", "proc_config.cfg:2:1: script: "),
    ],
)  # fmt: skip
def test_errors_have_place_and_key(text: str, told: str) -> None:
    """Document types, and so entities, are refused unread."""
    with pytest.raises(Malformed) as caught:
        read(text)
    assert caught.value.sentence.startswith(told) and caught.value.sentence.isprintable()


def test_the_owner_is_told_by_mail_where_that_is_active() -> None:
    """Of the end, when the owner is an address."""
    text = "[QMOptions]\nscript : true\ne_mail : %s\n"
    assert read(text % "ann@x.org", mails=True).doc["notify"] == {"ann@x.org": ["end"]}
    assert "notify" not in read(text % "ann@x.org").doc
    assert "notify" not in read(text % "ann", mails=True).doc


def test_settings() -> None:
    """Hints for a GUI are comments; QM's defaults where nothing is said."""
    text = (
        "[QMServer]\n# %integer% %min:1%\nMaxNbProcessors = 8\nlaunch_type = non-blocking\n"
        "##job_file = infos.xml\njob_file = infos.cfg\nMailActive = True\n"
    )
    found = read_settings(text, where="QMserv.cfg")
    assert (found.most, found.is_blocking, found.job_file) == (8, False, "infos.cfg")
    assert found.mails
    usual = read_settings("[QMServer]\n", where="q")
    assert usual.is_blocking and not usual.mails
    assert not read_settings("", where="q").is_blocking


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("MaxNbProcessors = many", "q:2:1: MaxNbProcessors: 'many' is no number"),
        ("launch_type = sometimes", "q:2:1: launch_type: 'sometimes' is neither"),
        ("job_file = ../../etc/passwd", "q:2:1: job_file: "),
    ],
)
def test_settings_that_are_wrong(line: str, told: str) -> None:
    """Located."""
    with pytest.raises(Malformed) as caught:
        read_settings(f"[QMServer]\n{line}\n", where="q")
    assert caught.value.sentence.startswith(told)


def test_what_looks_like_one() -> None:
    """By what is in it, not by its name."""
    assert is_info(CFG) and is_info(XML) and is_info(SCRIPT)
    assert not is_info("[Proc]\nSize : 64\n") and not is_info("#!/bin/sh\ntrue\n")


_PIECES = st.lists(
    st.sampled_from(
        ("[QMOptions]\n", "script : a\n", "nb_proc = ", "9", "\n", "<", ">", "/>", "&", "%",
         "<!DOCTYPE", "<script value='a'/>", "<p>", "</p>", "#QM ", "#!", "\x00",
         "\x1b[31m", "\ud800", "\u202e", ":", " ", "]", "\ufeff")
    ), max_size=12,
).map("".join)  # fmt: skip


@example("[QMOptions]\nscript\n : true\n")
@given(_PIECES | st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    """In lines that move no cursor; settings, too."""
    readers: list[Any] = [read, lambda text: read_settings(text, where="q")]
    for reader in readers:
        try:
            reader(text)
        except Malformed as error:
            assert all(line.isprintable() for line in error.sentence.split("\n"))
