"""What a submit takes along: inputs and frozen folders, and what it complains about."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rota.client import gathering
from rota.client.gathering import gather
from rota.core.errors import Malformed
from rota.wire.trees import Link


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a little of everything."""
    for path in ("m.py", "data/a.csv", "data/b.csv", "data/sub/c.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(path)
    return tmp_path


def paths(*inputs: str, place: Path, freeze: str | None = None) -> list[str]:
    """Return what would be laid where."""
    tree = gather(inputs, freeze, folder=str(place)).tree
    return [entry.path for entry in tree.entries]


def test_files_folders_and_patterns(place: Path) -> None:
    """Each under its own name, or the one after the arrow."""
    assert paths("m.py", "data/*.csv -> in", place=place) == [
        "in/a.csv",
        "in/b.csv",
        "m.py",
    ]
    assert paths("data/", place=place) == ["data/a.csv", "data/b.csv", "data/sub/c.txt"]
    assert paths(f"{place}/data/sub", place=place) == ["sub/c.txt"]
    assert paths("data/sub -> .", place=place) == ["c.txt"]


def test_what_is_alike_is_one_file(place: Path) -> None:
    """Whatever it is called."""
    (place / "copy.py").write_text("m.py")
    found = gather(["m.py", "copy.py"], None, folder=str(place))
    assert len(found.tree.files) == 2
    assert len(found.paths) == 1


def test_links_are_followed_but_not_in_circles(place: Path) -> None:
    """What is there when it is submitted travels."""
    (place / "data/loop").symlink_to(place / "data")
    (place / "data/m").symlink_to(place / "m.py")
    assert paths("data", place=place) == [
        "data/a.csv", "data/b.csv", "data/m", "data/sub/c.txt",
    ]  # fmt: skip


def test_all_that_cannot_travel_is_complained_about(place: Path) -> None:
    """By name, and at once."""
    os.mkfifo(place / "pipe")
    with pytest.raises(Malformed) as caught:
        gather(["nix", "*.none", "pipe", "m.py -> ../x"], None, folder=str(place))
    told = caught.value.sentence
    assert "nothing is called nix" in told
    assert "nothing is called *.none" in told
    assert "pipe is neither a file nor a folder" in told
    assert "leads out of its folder" in told


def test_a_frozen_folder_leaves_out_what_its_files_say(place: Path) -> None:
    """Also those of folders within; links that stay inside stay links."""
    (place / ".gitignore").write_text("*.csv\n")
    (place / "data/.rotaignore").write_text("/sub\n")
    (place / ".git").mkdir()
    (place / ".git/config").write_text("x")
    (place / "link").symlink_to("m.py")
    assert paths(place=place, freeze=".") == [
        ".gitignore", "data/.rotaignore", "link", "m.py",
    ]  # fmt: skip
    tree = gather([], ".", folder=str(place)).tree
    assert Link("link", "m.py") in tree.entries


def test_a_frozen_folder_that_is_too_large_names_the_largest(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says how to leave it out."""
    monkeypatch.setattr(gathering, "FREEZE_MAX", 20)
    (place / "big.bin").write_bytes(bytes(1000))
    with pytest.raises(Malformed, match=r"the largest are big\.bin .*\.rotaignore"):
        gather([], ".", folder=str(place))
