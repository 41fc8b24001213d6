"""Gathering: files, options and this machine become documents."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from rota.core.errors import Complaint, Malformed
from rota.faces.gather import Batch, gather, located

YAML = "name: first\ncommand: echo 1\ncores: 2\n---\nname: second\nargv: [echo]\n"
SCRIPT = "#!/bin/sh\n#ROTA cores: 3\n#ROTA --time=1h --tag paper\necho hi\n"


def complaints(error: pytest.ExceptionInfo[Malformed]) -> list[str]:
    """Return what an error says, line by line."""
    return [str(complaint) for complaint in error.value.complaints]


def test_a_command_becomes_a_complete_document(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The folder and the variables are this machine's; ours are not passed on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLOUR", "blue")
    monkeypatch.setenv("ROTA_HOME", "/secret")
    batch = gather([], given=[("--cores", "4"), ("--env", "A=1")], rest=["echo", "hi"])
    [doc] = batch.docs

    assert (doc["argv"], doc["cores"], doc["cwd"]) == (["echo", "hi"], 4, str(tmp_path))
    assert (doc["env"]["COLOUR"], doc["env"]["A"]) == ("blue", "1")
    assert "ROTA_HOME" not in doc["env"]
    assert batch.sources[0]["cores"] == "--cores"


def test_options_win_over_files_and_their_rota_lines(tmp_path: Path) -> None:
    """Option > #ROTA > file."""
    (tmp_path / "job.sh").write_text(SCRIPT)
    path = str(tmp_path / "job.sh")
    [doc] = gather([path], given=[("--cores", "1")], rest=None).docs

    assert (doc["cores"], doc["time"], doc["tags"]) == (1, "1h", ["paper"])
    assert (doc["script"], doc["name"]) == (SCRIPT, "job.sh")


def test_a_script_that_has_a_name_keeps_it(tmp_path: Path) -> None:
    """Its file's name is for those that have none."""
    (tmp_path / "job.sh").write_text("#!/bin/sh\n#ROTA name: mine\n")
    [doc] = gather([str(tmp_path / "job.sh")], given=[], rest=None).docs

    assert doc["name"] == "mine"


def test_many_files_are_one_batch(tmp_path: Path) -> None:
    """And what they share travels once."""
    (tmp_path / "a.yaml").write_text(YAML)
    (tmp_path / "b.sh").write_text(SCRIPT)
    paths = [str(tmp_path / "a.yaml"), str(tmp_path / "b.sh")]
    batch = gather(paths, given=[("--key", "k")], rest=None)

    assert [doc["name"] for doc in batch.docs] == ["first", "second", "b.sh"]
    assert "env" not in batch.docs[0]
    assert batch.defaults["env"]["PATH"] == os.environ["PATH"]
    assert batch.key == "k"
    assert all("key" not in doc for doc in batch.docs)


def test_an_own_policy_is_obeyed_in_a_batch(tmp_path: Path) -> None:
    """One job that wants no variables must not get those of the others."""
    (tmp_path / "a.yaml").write_text(YAML + "env_policy: none\n")
    batch = gather([str(tmp_path / "a.yaml")], given=[], rest=None)

    assert "env" not in batch.defaults
    assert batch.docs[0]["env"]["PATH"] == os.environ["PATH"]
    assert "env" not in batch.docs[1]


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON, as its first brace says."""
    text = io.TextIOWrapper(io.BytesIO(b'{"command": "x"}'))
    monkeypatch.setattr(sys, "stdin", text)
    [doc] = gather(["-"], given=[], rest=None).docs

    assert doc["command"] == "x"


def test_everything_wrong_is_told_with_its_place(tmp_path: Path) -> None:
    """All files are looked at before one complains."""
    (tmp_path / "a.yaml").write_text("memroy: 1GB\n- x\n")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    paths = [str(tmp_path / name) for name in ("a.yaml", "b.yaml", "none.yaml")]
    with pytest.raises(Malformed) as error:
        gather(paths, given=[], rest=None)
    said = complaints(error)

    assert len(said) == 3
    assert said[0].startswith(paths[0] + ":")
    assert said[1] == f"{paths[1]}: is not text in UTF-8"
    assert said[2] == f"{paths[2]}: cannot be read: No such file or directory"


def test_a_command_without_dashes_is_guessed_right(tmp_path: Path) -> None:
    """The commonest slip gets its cure."""
    with pytest.raises(Malformed, match="write: rota submit -- python3x"):
        gather(["python3x", "train.py"], given=[], rest=None)


@pytest.mark.parametrize(
    ("files", "given", "rest", "sentence"),
    [
        ([], [], None, "nothing to run"),
        ([], [], [], "nothing to run"),
        (["a"], [], ["x"], "not both"),
        (["a"], [("--command", "x")], None, "not both"),
        ([], [("--command", "x")], ["x"], "not both"),
    ],
)
def test_one_thing_to_run(
    files: list[str], given: list[tuple[str, str]], rest: list[str] | None, sentence: str
) -> None:
    """Neither none nor two."""
    with pytest.raises(Malformed, match=sentence):
        gather(files, given=given, rest=rest)


def test_complaints_of_the_server_get_their_place() -> None:
    """It knows the number of the job, we know the line."""
    batch = Batch([{}, {}], [{}, {"memory": "jobs.yaml:7:1"}], {}, None)
    error = Malformed(
        complaints=[
            Complaint("jobs[1].memory", "10 has no unit"),
            Complaint("jobs[9].x", "odd"),
            Complaint("", "two jobs have one name"),
        ]
    )

    assert [str(c) for c in located(error, batch).complaints] == [
        "jobs.yaml:7:1: memory: 10 has no unit",
        "jobs[9].x: odd",
        "two jobs have one name",
    ]
