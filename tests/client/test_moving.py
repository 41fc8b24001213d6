"""What a client makes of a server's list of files; moving itself is in the stories."""

from __future__ import annotations

from typing import Any

import pytest

from rota.client.moving import has_files, tree_of
from rota.core.errors import Malformed

DIGEST = "0" * 64


def test_a_list_becomes_a_tree() -> None:
    """Files, links, empty folders."""
    tree = tree_of([
        {"path": "a", "mode": 420, "size": 3, "digest": DIGEST},
        {"path": "b", "link": "a"}, {"path": "c"},
    ])  # fmt: skip
    assert [entry.path for entry in tree.entries] == ["a", "b", "c"]
    assert tree.size == 3


@pytest.mark.parametrize(
    "row",
    [
        {"path": "../x", "digest": DIGEST},
        {"path": "/etc/passwd", "digest": DIGEST},
        {"path": "x", "mode": 0o4755, "digest": DIGEST},
        {"path": "x", "link": "../../etc"},
    ],
)
def test_g24_a_server_is_not_believed_either(row: dict[str, Any]) -> None:
    """What a job of somebody left must not get out of the folder it is fetched to."""
    with pytest.raises(Malformed):
        tree_of([row])


def test_most_jobs_name_no_files() -> None:
    """And then nothing of this is loaded."""
    assert not has_files([{"argv": ["true"]}])
    assert has_files([{"argv": ["true"]}, {"freeze": "."}])
