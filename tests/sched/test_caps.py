"""What is in force of limits in the file and limits set live."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rota.sched.caps import FIELDS, Cap, in_force, limit_of, looser, says_anything
from rota.sched.limits import Limit

NAMES = ("ann", "bob", "cyd")
SAID = st.dictionaries(
    st.sampled_from(["jobs", "cores", "queued"]), st.none() | st.integers(0, 9)
)


def cap(name: str, *, own: bool = False, **said: Any) -> Cap:
    """Return what root, or the user, set for user *name*."""
    return Cap("user", name, name if own else "root", 5, own=own, said=said)


def least(limits: tuple[Limit, ...], name: str, key: str) -> int | None:
    """Return what *limits* leave to *name* of *key*."""
    found = [getattr(limit, key) for limit in limits if limit.binds("user", name)]
    return min((value for value in found if value is not None), default=None)


def test_an_override_replaces_what_the_file_says_key_by_key() -> None:
    """For ann alone, also what it says of each."""
    file = (Limit("user", "*", jobs=4, cores=10), Limit("user", "ann", memory=1 << 30))
    got = in_force(file, [cap("ann", cores=50)])
    assert (least(got, "ann", "cores"), least(got, "bob", "cores")) == (50, 10)
    assert (least(got, "ann", "jobs"), least(got, "ann", "memory")) == (4, 1 << 30)
    assert least(in_force(file, [cap("ann", cores=None)]), "ann", "cores") is None
    assert least(in_force(file, [cap("*", cores=3)]), "bob", "cores") == 3


def test_what_one_sets_for_oneself_replaces_nothing() -> None:
    """It is one more limit, and says whose it is."""
    got = in_force((Limit("user", "ann", cores=10),), [cap("ann", own=True, cores=50)])
    assert least(got, "ann", "cores") == 10
    assert [limit.set_by for limit in got] == ["the administrator", "ann"]


def test_what_would_loosen_is_told() -> None:
    """Key by key; licences and rates, too."""
    file = [
        limit_of("user", "*", {"cores": 4, "starts_per_minute": 9, "licences": {"a": 1}})
    ]
    more = cap("ann", own=True, cores=5, starts_per_minute=10, licences={"a": 2})
    assert [key for key, _ in looser(file, more)] == [
        "cores", "starts_per_minute", "licence a",
    ]  # fmt: skip
    assert not [*looser(file, cap("ann", own=True, cores=4, jobs=100))]


def test_every_key_makes_a_limit() -> None:
    """None of them is forgotten on the way."""
    for key in FIELDS:
        assert says_anything(
            limit_of("user", "a", {key: {"x": 1} if key == "licences" else 1})
        )
    assert not says_anything(limit_of("user", "a", {"cores": None}))


@given(
    st.lists(st.tuples(st.sampled_from([*NAMES, "*"]), SAID), max_size=4),
    st.dictionaries(st.sampled_from([*NAMES, "*"]), SAID, max_size=3),
)
def test_the_nearest_word_counts(
    file: list[tuple[str, dict[str, Any]]], live: dict[str, dict[str, Any]]
) -> None:
    """Of each key: what was set for the name, else for each, else the least in the file."""
    limits = [limit_of("user", name, said) for name, said in file]
    got = in_force(limits, [cap(name, **said) for name, said in live.items()])
    for name in NAMES:
        for key in ("jobs", "cores", "queued"):
            mine, each = live.get(name, {}), live.get("*", {})
            if key in mine:
                expected = mine[key]
            elif key in each:
                # What the file says of her by name stands beside what was set for each.
                named = [s[key] for n, s in file if n == name and s.get(key) is not None]
                expected = min(
                    [v for v in [each[key], *named] if v is not None], default=None
                )
            else:
                said = [
                    s[key] for n, s in file if n in (name, "*") and s.get(key) is not None
                ]
                expected = min(said, default=None)
            assert least(got, name, key) == expected
