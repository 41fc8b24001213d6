"""Jobs of one submission that name each other."""

from __future__ import annotations

from typing import Any

import pytest

from rota.core.errors import Malformed
from rota.core.job import After
from rota.formats.native import build_many
from rota.formats.native.batch import names_in
from tests.formats.native.telling import refused


def jobs(**after: Any) -> list[dict[str, Any]]:
    """Return a job for each name, and what it waits for if anything."""
    return [
        {"name": name, "argv": ["x"], **({"after": held} if held else {})}
        for name, held in after.items()
    ]


def test_a_name_stands_for_a_place_in_the_batch() -> None:
    """−1 is the first: whoever gives ids puts them in."""
    specs = build_many(jobs(prepare=None, fit="prepare", plot=["any:fit[*]", 7]))

    assert [spec.after for spec in specs] == [
        (),
        (After("ok", -1),),
        (After("any", -2, elementwise=True), After("ok", 7)),
    ]


@pytest.mark.parametrize(
    ("batch", "told"),
    [
        (jobs(a="a"), "after: 'a' waits for itself; it would never start"),
        (jobs(a="b", b="any:a"), "jobs[0].after: these wait for each other: a → b → a"),
        (jobs(s=None, a="s,c", b="a", c="b"),
         "jobs[1].after: these wait for each other: a → c → b → a"),
        (jobs(a=None, b="c"),
         "jobs[1].after: no job of this submission is named 'c'; its jobs are a, b"),
        ([*jobs(a=None), *jobs(a=None), *jobs(b="a")],
         "jobs[2].after: several jobs of this submission are named 'a'"),
    ],
)  # fmt: skip
def test_what_could_never_start_is_refused(batch: Any, told: str) -> None:
    """The circle is printed."""
    assert told in refused(build_many, batch)[0]


def test_a_long_chain_is_no_circle() -> None:
    """Twenty thousand jobs, each after the one before, and no recursion."""
    chain = [{"name": "j0", "argv": ["x"]}]
    chain += [
        {"name": f"j{i}", "argv": ["x"], "after": f"j{i - 1}"} for i in range(1, 20_000)
    ]

    assert build_many(chain[::-1])[0].after == (After("ok", -2),)


def test_names_are_found_under_either_spelling() -> None:
    """job_name is wq's word; what is no text is no name."""
    docs = [{"name": "a"}, {"job_name": "b"}, {"name": 3}, {}]

    assert names_in(docs) == {"a": -1, "b": -2}


def test_documents_that_are_written_alike_are_one_job_said_twice() -> None:
    """Equal is not enough: True equals 1, and is no number of cores."""
    doc = {"argv": ["x"], "cores": 1}
    one, other, more = build_many([doc, dict(doc), {**doc, "cores": 2}])
    assert one is other is not more
    with pytest.raises(Malformed) as told:
        build_many([doc, {**doc, "cores": True}, doc])
    assert [one.field for one in told.value.complaints] == ["jobs[1].cores"]
