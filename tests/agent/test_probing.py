"""Probes of the site: each must end well, in time, and none holds the agent up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rota.agent.probing import Probes
from rota.agent.reactor import Reactor


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    """A loop of our own."""
    found = Reactor()
    yield found
    found.close()


def probed(reactor: Reactor, *commands: str, timeout_ms: int = 20_000) -> Probes:
    """Run *commands* once as probes."""
    probes = Probes(
        reactor, commands, told=reactor.stop, every_ms=3_600_000, timeout_ms=timeout_ms
    )
    probes.start()
    reactor.run()
    return probes


def test_all_well(reactor: Reactor) -> None:
    """What they print is nobody's business then."""
    assert probed(reactor, "echo fine", "true").trouble is None


def test_each_that_fails_is_told_with_its_words(reactor: Reactor) -> None:
    """The command, how it ended, and the end of what it said, on either stream."""
    found = probed(reactor, "echo no disk >&2; exit 3", "true", "false").trouble
    assert found == (
        "probe `echo no disk >&2; exit 3` ended with 3: no disk; probe `false` ended with 1"
    )


def test_one_that_does_not_end_is_killed(reactor: Reactor) -> None:
    """And the next one is run."""
    found = probed(reactor, "echo hung; sleep 600", "false", timeout_ms=200).trouble
    assert found is not None
    assert "probe `echo hung; sleep 600` did not end within 0.2 s: hung" in found
    assert "probe `false`" in found


def test_before_they_have_run_the_node_is_not_well(reactor: Reactor) -> None:
    """So that nothing starts there; without probes nothing is waited for."""
    assert (
        Probes(reactor, ["true"], told=reactor.stop).trouble == "its probes are being run"
    )
    assert Probes(reactor, [], told=reactor.stop).trouble is None


def test_they_are_run_again(reactor: Reactor, tmp_path: object) -> None:
    """A node gets well by itself."""
    mark = f"{tmp_path}/mark"
    turns: list[str | None] = []

    def told() -> None:
        turns.append(probes.trouble)
        if len(turns) == 2:
            reactor.stop()

    command = f"test -e {mark} || {{ touch {mark}; exit 1; }}"
    probes = Probes(reactor, [command], told=told, every_ms=10)
    probes.start()
    reactor.run()
    assert turns[0] is not None and turns[1] is None
