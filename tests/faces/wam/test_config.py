"""clientConf.json."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.core.errors import Malformed
from rota.faces.wam.config import conf


def test_it_is_read_with_its_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it does not say is as WAM has it; what is wrong has its line."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert conf().monitored == ["*.sta", "*.msg", "*.dat"]
    path = tmp_path / "clientConf.json"
    path.write_text('{"defaults": {"fileTypes": ["*.fil"], // mine\n "postJob": "x"}}')
    assert (conf().files, conf().post_job, conf().decks) == (["*.fil"], "x", ["*.inp"])
    for text in ('{"defaults": 3}', "[]", '{"defaults": }'):
        path.write_text(text)
        with pytest.raises(Malformed, match="clientConf"):
            conf()
