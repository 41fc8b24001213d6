"""WAM's job files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.errors import Malformed
from rota.core.formula import amount
from rota.formats.native import build
from rota.formats.wam import TOKENS, read

JOB = """{
    // two decks
    "jobFiles" : ["bracket.inp", "bracket_fine.inp"],
    "solverFlags" : { "cpus" : 8, "gpus" : 0, "interactive": null }, /* "cpus": 1 */
    "advanced" : { "sendEmailTo" : "eng@example.org" },
    "jobData" : { "priority" : 1, "clientName" : "eng", "jobID" : 12 },
    "InternalUse" : { "jsonFileType": "abaqus", "jsonFileVersion" : 0.5,
                      "clientVersion" : 0.5, "solver" : "default" }
}"""


def test_the_vector() -> None:
    """Two jobs; twelve tokens; the priority in the middle."""
    docs = [reading.doc for reading in read(JOB)]
    assert [doc["name"] for doc in docs] == ["12:bracket", "12:bracket_fine"]
    doc = docs[0]
    assert doc["argv"] == ["abaqus", "job=bracket", "cpus=8", "gpus=0", "interactive"]
    assert (doc["cores"], doc["priority"], doc["inputs"]) == (8, "med", ["bracket.inp"])
    assert build({key: value for key, value in doc.items() if key != "inputs"})
    assert (doc["notify"], doc["progress"]) == ({"eng@example.org": ["end"]}, "*.sta")
    assert doc["licences"] == {"abaqus": TOKENS}


@pytest.mark.parametrize(("n", "tokens"), [(1, 5), (4, 8), (8, 12), (12, 14), (16, 16)])
def test_tokens(n: int, tokens: int) -> None:
    """As Abaqus checks them out."""
    assert amount(TOKENS, {"n": n}) == tokens


@pytest.mark.parametrize(
    ("tree", "argv"),
    [
        ({"jobFiles": ["C:\\Users\\e\\c1.inp"], "solverFlags": {"memory": "12 gb"}},
         ["abaqus", "job=c1", "memory=12 gb", "interactive"]),
        ({"simFiles": ["a.sim"], "InternalUse": {"jsonFileType": "starccm"},
          "solverFlags": {"-batch": "x.java", "-np": 4, "-power": None}},
         ["starccm+", "-batch", "x.java", "-np", "4", "-power", "a.sim"]),
        ({"jobFiles": ["a"], "InternalUse": {"jsonFileType": "generic"},
          "commands": {"excutable": "run", "executableArguments": ["-v", 3]}},
         ["run", "-v", "3"]),
    ],
)  # fmt: skip
def test_other_ages_and_solvers(tree: dict[str, Any], argv: list[str]) -> None:
    """Paths of Windows, flags with their own dash, the misspelt key."""
    assert read(json.dumps(tree))[0].doc["argv"] == argv


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "abaqusSubmit.json: jobFiles: is missing"),
        ('{"jobFiles": ["a.inp"],\n"solverFlags": {"cpus": "many"}}',
         "abaqusSubmit.json:2:17: cpus: 'many' is no whole number"),
        ('{"jobFiles": ["a"], "jobData": {"priority": 7}}',
         "abaqusSubmit.json:1:33: priority: 7 is none of 0, 1 and 2"),
        ('{"jobFiles": [3]}', "abaqusSubmit.json:1:2: jobFiles: must be a list of"),
        ('{"jobFiles": ["a"], "InternalUse": {"jsonFileType": "x"}}',
         "abaqusSubmit.json:1:37: jsonFileType: is none of abaqus"),
        ('{"jobFiles": ["C:\\\\"]}', "abaqusSubmit.json:1:2: jobFiles: 'C:"),
        ('{"jobFiles": ["a"], "advanced": {"sendEmailTo": "me"}}',
         "abaqusSubmit.json:1:34: sendEmailTo: is no address"),
        ("[]", "abaqusSubmit.json: is no job file"),
    ],
)  # fmt: skip
def test_errors_have_line_and_key(text: str, told: str) -> None:
    """Located."""
    with pytest.raises(Malformed) as caught:
        read(text)
    assert caught.value.sentence.startswith(told)


NAMES = ("jobFiles", "solverFlags", "jobData", "InternalUse", "priority", "cpus", "jobID",
         "jsonFileType", "commands", "advanced", "sendEmailTo")  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=12,
)


@given(VALUES)
def test_any_json_is_a_job_or_a_located_error(value: Any) -> None:
    """No crash, no hang."""
    try:
        assert read(json.dumps(value))[0].doc["argv"]
    except Malformed as error:
        assert error.complaints[0].where.startswith("abaqusSubmit.json")
