"""From counts to ids."""

from __future__ import annotations

from rota.sched.grants import Ids
from rota.sched.space import Take
from tests.drawing import cores_of, draw


def test_g19_the_lowest_free_ids_are_given_first_and_once() -> None:
    """Two tasks on one node get neighbours, never the same core."""
    ids = Ids(draw("[.*...] n1\n[..] n2"))
    assert cores_of(ids.name([Take(0, 2)])) == {"n1": (0, 2)}
    assert cores_of(ids.name([Take(0, 2), Take(1, 1)])) == {"n1": (3, 4), "n2": (0,)}
