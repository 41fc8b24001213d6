"""Could it ever, and what could."""

from __future__ import annotations

import pytest

from rota.core.resources import Mode, Node, Request
from rota.sched.placement import could_ever

GB = 1 << 30
NODES = [
    Node("small", (0, 1), 4 * GB, labels=("gen4",)),
    Node(
        "large",
        tuple(range(8)),
        32 * GB,
        gpus=(0,),
        resources={"disk": 9},
        labels=("gen5",),
    ),
]


@pytest.mark.parametrize(
    "request_",
    [
        Request(cores=8, memory=32 * GB, gpus=1),
        Request(cores=10, mode=Mode.BY_CORE),
        Request(mode=Mode.BY_NODE, n=2),
        Request(mode=Mode.BY_GROUP, group=("gen4",)),
        Request(mode=Mode.BY_HOST, host="small", cores=2),
        Request(resources=(("disk", 9),)),
        Request(licences=(("abaqus", 2),)),
    ],
)
def test_what_fits_the_idle_nodes_is_not_refused(request_: Request) -> None:
    """However busy they are now."""
    assert could_ever(request_, NODES, licences={"abaqus": 2}) is None


@pytest.mark.parametrize(
    ("request_", "field", "said"),
    [
        (Request(cores=9), "cores", "ask for at most 8, or add a node"),
        (Request(cores=11, mode=Mode.BY_CORE), "cores", "ask for at most 10"),
        (Request(memory=64 * GB), "memory", "ask for at most 32 GiB"),
        (Request(gpus=2), "gpus", "ask for at most 1"),
        (Request(cores=8, gpus=1, group=("gen4",)), "cores", "ask for at most 2"),
        (Request(resources=(("disk", 10),)), "disk", "at most 9"),
        (Request(group=("gen9",)), "group", "groups are gen4, gen5"),
        (Request(require=("gen4 & gen5",)), "require", "labels are gen4, gen5"),
        (Request(require=("gen7",)), "require", "no node offers gen7"),
        (Request(require=("gen4 &",)), "require", "missing at the end"),
        (Request(mode=Mode.BY_NODE, n=3), "n", "ask for at most 2"),
        (Request(mode=Mode.BY_HOST, host="smal"), "host", "did you mean small?"),
        (Request(mode=Mode.BY_HOST), "host", "needs it"),
        (Request(mode=Mode.BY_GROUP), "group", "needs it"),
        (Request(min_cores=9), "min_cores", "the largest node has 8"),
        (Request(licences=(("abaqu", 1),)), "licences", "did you mean abaqus?"),
        (Request(licences=(("abaqus", 3),)), "licences", "ask for at most 2"),
        (Request(cores=3, threads=2, mode=Mode.BY_CORE), "threads", "ask for 4 cores"),
        (Request(gpus=1, mode=Mode.BY_CORE), "gpus", "use mode bycore1 or bynode"),
    ],
)
def test_the_impossible_is_refused_with_the_nearest_possible(
    request_: Request, field: str, said: str
) -> None:
    """The complaint names the field and what could be had instead."""
    complaint = could_ever(request_, NODES, licences={"abaqus": 2})
    assert complaint is not None
    assert complaint.field == field
    assert said in str(complaint)


def test_all_at_once_may_be_too_much() -> None:
    """Each part is somewhere, but not in one node: the nearest node is named."""
    complaint = could_ever(Request(cores=4, gpus=1, memory=GB), [
        Node("cpu", tuple(range(8)), 2 * GB), Node("gpu", (0, 1), 2 * GB, gpus=(0,)),
    ])  # fmt: skip
    assert complaint is not None
    assert "at once" in complaint.problem


def test_without_nodes_nothing_is_refused() -> None:
    """They may still come."""
    assert could_ever(Request(cores=10_000), []) is None
