"""The operator's file, found and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.core.errors import Malformed, Refused
from rota.sched.rules import Rules
from rota.server.config import SIZE_MAX, Config


def test_without_a_file_nothing_is_said(tmp_path: Path) -> None:
    """Unless it was asked for by name."""
    assert Config(tmp_path / "config.yaml").read() == Rules()
    with pytest.raises(Refused, match="there is no config file"):
        Config(tmp_path / "config.yaml", must_be=True).read()


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """A folder, rubbish, something huge: a sentence each."""
    with pytest.raises(Refused, match="cannot read the config file"):
        Config(tmp_path).read()
    path = tmp_path / "c.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Refused, match="cannot read the config file"):
        Config(path).read()
    with path.open("wb") as file:
        file.truncate(SIZE_MAX + 1)
    with pytest.raises(Refused, match="no config file"):
        Config(path).read()
    path.write_text("licences: []\n")
    with pytest.raises(Malformed, match=r"c\.yaml:1:1: licences"):
        Config(path).read()
