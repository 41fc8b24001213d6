"""A job folder as a job of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.core.errors import Malformed
from rota.faces.spool.job import INFO_MAX, document, info_of, read_info
from rota.formats.native import build
from rota.formats.qm import Settings


def test_which_is_the_info_file(tmp_path: Path) -> None:
    """That of the settings first, then the first that looks like one."""
    settings = Settings()
    (tmp_path / "data.xml").write_text("<data/>")
    (tmp_path / "run.sh").write_text("#!/bin/sh\ntrue\n")
    assert info_of(str(tmp_path), settings) == ("", "")
    (tmp_path / "z.sh").write_text("#!/bin/sh\n#QM info : z\n")
    assert info_of(str(tmp_path), settings)[0] == "z.sh"
    (tmp_path / "infos.xml").write_text("<p><script value='a'/></p>")
    assert info_of(str(tmp_path), settings)[0] == "infos.xml"
    (tmp_path / "proc_config.cfg").write_bytes(
        b"[QMOptions]\nscript : a\ninfo : \xe9t\xe9\n"
    )
    assert info_of(str(tmp_path), settings) == (
        "proc_config.cfg", "[QMOptions]\nscript : a\ninfo : été\n",
    )  # fmt: skip
    (tmp_path / "proc_config.cfg").write_bytes(b"#" * (INFO_MAX + 1))
    with pytest.raises(Malformed, match="longer than"):
        info_of(str(tmp_path), settings)


@pytest.mark.parametrize(
    ("info", "text", "runs"),
    [
        ("p.cfg", "[QMOptions]\nscript : a 'b c'\n", "/bin/sh -c 'a '\"'\"'b c'"),
        ("p.cfg", "[QMOptions]\nscript : echo {job}\n", "/bin/sh -c 'echo {job}'"),
        ("s.py", "#!/usr/bin/env python3\n#QM info : x\n",
         "/bin/sh -c '/usr/bin/env python3 ./s.py'"),
    ],
)  # fmt: skip
def test_what_runs(info: str, text: str, runs: str) -> None:
    """As the info file has it, whatever stands in it; the document is one of ours."""
    reading = read_info("it's", (info, text), Settings())
    doc = document(reading, name="it's\x1b", info=info, key="k", root="/d", tag="qm-1")
    assert runs in doc["script"]
    spec = build(doc)
    assert (spec.name, spec.cwd, spec.key) == ("it's?", "/d", "k")
