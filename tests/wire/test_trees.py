"""Trees: written and read back, and everything that must not be laid out (G24).

About rota.wire.trees and rota.wire.stages.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.wire import trees
from rota.wire.trees import BadTree, File, Folder, Link

DIGEST = "0" * 64


def listed(*rows: Any) -> bytes:
    """Return a list of *rows* as it might come from anybody."""
    return json.dumps({"v": 1, "entries": rows}).encode()


def test_a_tree_survives_its_journey() -> None:
    """The same tree gives the same bytes, so the same name."""
    tree = trees.tree_of([
        File("b/x", 0o755, 3, DIGEST), Link("b/y", "x"), Folder("a"),
        File("z\udcff", 0o600, 0, DIGEST),
    ])  # fmt: skip
    data = trees.write(tree)
    assert trees.read(data) == tree
    assert trees.write(trees.read(data)) == data
    assert (tree.size, len(tree.files)) == (3, 2)


@pytest.mark.parametrize(
    "row",
    [
        ["/etc/passwd", 0o644, 1, DIGEST],
        ["../x", 0o644, 1, DIGEST],
        ["a/../../x", 0o644, 1, DIGEST],
        ["a\0b", 0o644, 1, DIGEST],
        ["x", 0o4755, 1, DIGEST],
        ["x", 0o2755, 1, DIGEST],
        ["x", 0o644, -1, DIGEST],
        ["x", 0o644, 1, "../../" + "0" * 58],
        ["x", 0o644, 1, DIGEST.upper() + "A"],
        ["x", 0o644, 1 << 50, DIGEST],
        ["x", "/etc/passwd"],
        ["x", ".."],
        ["a/x", "../../y"],
        ["x", "y/.."],
        ["a/x", "b/../../../y"],
        ["x", 0o644, True, DIGEST],
        ["x", 1, 2],
        [7],
        "x",
        [],
    ],
)
def test_g24_what_could_leave_its_folder_is_refused(row: Any) -> None:
    """Or be anything but a file, a link inside, or a folder."""
    with pytest.raises(BadTree):
        trees.read(listed(row))


@pytest.mark.parametrize(
    "rows",
    [
        (["a", 0o644, 1, DIGEST], ["a", 0o644, 1, DIGEST]),
        (["a", "b"], ["a/x", 0o644, 1, DIGEST]),
        (["a", 0o644, 1, DIGEST], ["a/x", 0o644, 1, DIGEST]),
    ],
)
def test_g24_nothing_is_laid_through_something_else(rows: Any) -> None:
    """A link first and a file through it next is the oldest trick."""
    with pytest.raises(BadTree):
        trees.read(listed(*rows))


def test_each_task_gets_what_all_have_and_its_own() -> None:
    """In one list, so that an array has one tree."""
    tree = trees.tree_of(
        [File("m.py", 0o644, 3, DIGEST), Folder("in")],
        {7: [File("in/deck", 0o644, 1, DIGEST)], 2: [File("in/deck", 0o644, 2, DIGEST)]},
    )
    data = trees.write(tree)
    assert trees.read(data) == tree
    assert [entry.path for entry in trees.read(data).of(7).entries] == [
        "in", "in/deck", "m.py",
    ]  # fmt: skip
    assert (tree.of(7).size, tree.of(2).size, tree.of(3).size) == (4, 5, 3)
    assert tree.size == 6


@pytest.mark.parametrize(
    "own",
    [
        {"1": [["a/x", 0o644, 1, DIGEST]]},
        {"1": [["b", 0o644, 1, DIGEST]]},
        {"1": [["b", "a"]]},
        {"1": [["a", 0o644, 1, DIGEST]]},
        {"1": [["../x", 0o644, 1, DIGEST]]},
        {"-1": []},
        {"1": {}},
        {},
        [],
    ],
)
def test_g24_nor_is_a_task_let_out_of_its_folder(own: Any) -> None:
    """What a task has beside the rest meets the same rules, and the rest."""
    rows = [["a", "m"], ["b/x", 0o644, 1, DIGEST]]
    with pytest.raises(BadTree):
        trees.read(json.dumps({"v": 2, "entries": rows, "tasks": own}).encode())


def test_entries_of_all_tasks_together_are_bounded() -> None:
    """Many tasks with a few each are as much as one with many."""
    own = {str(task): [["d"], ["e"]] for task in range(trees.COUNT_MAX // 2)}
    with pytest.raises(BadTree, match="at most"):
        trees.read(json.dumps({"v": 2, "entries": [["a"]], "tasks": own}).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"v": 2, "entries": []}', b"\xff"])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    """With a sentence, not a traceback."""
    with pytest.raises(BadTree):
        trees.read(data)


def test_too_many_entries_are_refused() -> None:
    """Before anything is made of them."""
    rows = [[f"d{number}"] for number in range(trees.COUNT_MAX + 1)]
    with pytest.raises(BadTree, match="at most"):
        trees.read(listed(*rows))


@given(st.text(max_size=12), st.text(alphabet="./ab", max_size=12))
def test_a_link_that_is_let_through_stays_inside(path: str, target: str) -> None:
    """However it is written, going there by hand never leaves the folder."""
    try:
        tree = trees.tree_of([Link(path, target)])
    except BadTree:
        return
    (link,) = tree.entries
    assert isinstance(link, Link)
    place = link.path.split("/")[:-1]
    for part in link.target.split("/"):
        if part == "..":
            assert place, "left its folder"
            place.pop()
        elif part not in ("", "."):
            place.append(part)
