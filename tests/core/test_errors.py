"""The tree of errors: over the wire and back, and what leaves the program."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from rota.core import errors
from rota.core.errors import Complaint, IllegalMove, Malformed, RotaError, did_you_mean

TREE = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, RotaError) and cls is not RotaError
]
PLAIN = [cls for cls in TREE if cls is not IllegalMove]


@pytest.mark.parametrize("cls", PLAIN)
def test_an_error_survives_the_api(cls: Any) -> None:
    """What the server raised is what the client catches, complaints and all."""
    error = cls(
        "it cannot be", [Complaint("memory", "10 has no unit", "write 10GB", "a:3")]
    )

    again = errors.from_dict(error.to_dict(), error.status)

    assert type(again) is cls
    assert (str(again), again.complaints) == (str(error), error.complaints)


def test_an_illegal_move_arrives_as_a_conflict() -> None:
    """Its sentence is what counts; nobody can rebuild the facts from it."""
    error = IllegalMove("42", "running", "release", ["cancel"])

    again = errors.from_dict(error.to_dict(), 409)

    assert type(again) is errors.Conflict
    assert str(again) == "cannot release job 42: it is running; you can cancel it"


def test_a_move_with_no_way_out_says_so() -> None:
    """Better than an empty list."""
    assert "nothing is left to change" in str(IllegalMove("1", "done", "hold", []))


@pytest.mark.parametrize("cls", TREE)
def test_every_class_has_its_own_word_and_a_way_out(cls: Any) -> None:
    """Refusals exit with 2, the rest with 125; the status fits the tree."""
    others = {other.kind for other in TREE if other is not cls}

    assert cls.kind not in others
    assert cls.exit_code == (2 if issubclass(cls, errors.Refused) else 125)
    assert (400 <= cls.status < 500) == issubclass(cls, errors.Refused)


@pytest.mark.parametrize(
    "body", [{}, {"kind": 3}, {"kind": "new", "error": "x"}, {"complaints": [{}]}]
)
def test_the_body_of_a_stranger_still_makes_an_error(body: dict[str, Any]) -> None:
    """A newer server, or a proxy in between, must not crash the client."""
    assert isinstance(errors.from_dict(body, 404), errors.Missing)
    assert isinstance(errors.from_dict(body, 418), RotaError)


def test_a_malformed_request_tells_all_that_is_wrong_in_lines() -> None:
    """A user mends everything at once."""
    error = Malformed(
        complaints=[Complaint("a", "is bad"), Complaint("b", "too", "mend it")]
    )

    assert str(error) == "a: is bad\nb: too; mend it"


@pytest.mark.parametrize(
    ("complaint", "shown"),
    [
        (Complaint("cores", "is 0"), "cores: is 0"),
        (Complaint("", "no job", "", "a.yaml"), "a.yaml: no job"),
        (Complaint("x", "y", "z", "a:1"), "a:1: x: y; z"),
    ],
)
def test_a_complaint_reads_place_field_problem_remedy(
    complaint: Complaint, shown: str
) -> None:
    """In that order, and what is unknown is left out."""
    assert str(complaint) == shown


@pytest.mark.parametrize(
    ("word", "meant"),
    [("memroy", "memory"), ("Memory", "memory"), ("max-fails", "max_fails"), ("zzz", None)],
)
def test_the_nearest_word_is_found_if_any_is_near(word: str, meant: str | None) -> None:
    """Case, hyphens and slips of the finger."""
    assert did_you_mean(word, ["memory", "max_fails", "cores"]) == meant
