"""The loop: descriptors, timers, signals and threads, each when it is due."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from rota.agent.clock import boot_ms
from rota.agent.reactor import READ, WRITE, Reactor


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    """A loop that ends after ten seconds at the latest."""
    one = Reactor()
    late = one.after(10_000, one.stop)
    yield one
    assert late.pending, "never came"
    one.close()


def test_timers_come_in_order_and_not_before(reactor: Reactor) -> None:
    """Sooner ones first, whatever the order they were set in; cancelled ones never."""
    seen: list[str] = []
    begin = boot_ms()
    reactor.after(60, reactor.stop)
    reactor.after(40, lambda: seen.append("b"))
    gone = reactor.after(10, lambda: seen.append("x"))
    reactor.after(20, lambda: seen.append("a"))
    gone.cancel()
    reactor.run()
    assert seen == ["a", "b"] and not gone.pending
    assert boot_ms() - begin >= 60


def test_a_timer_may_set_and_cancel_others(reactor: Reactor) -> None:
    """Also those that are due in the same turn."""
    seen: list[str] = []
    second = reactor.after(10, lambda: seen.append("second"))

    def first() -> None:
        second.cancel()
        reactor.after(0, reactor.stop)

    reactor.at(second.at - 1, first)
    reactor.run()
    assert seen == []


def test_descriptors(reactor: Reactor) -> None:
    """Told what they are ready for; not any more when nobody watches."""
    inside, outside = os.pipe()
    seen: list[int] = []
    reactor.watch(outside, seen.append, WRITE)
    reactor.turn()
    assert seen == [WRITE]
    reactor.unwatch(outside)
    reactor.watch(inside, seen.append, READ)
    os.write(outside, b"x")
    reactor.turn()
    assert seen == [WRITE, READ]
    reactor.unwatch(inside)
    os.close(inside)
    os.close(outside)


def test_threads_may_post(reactor: Reactor) -> None:
    """Any number from any thread, each once, in the loop's own thread."""
    seen: list[int] = []

    def work(number: int) -> None:
        for _ in range(500):
            reactor.post(lambda: seen.append(threading.get_ident()))
        if number == 0:
            for thread in others:
                thread.join()
            reactor.post(reactor.stop)

    others = [threading.Thread(target=work, args=(n,)) for n in range(1, 4)]
    for thread in others:
        thread.start()
    threading.Thread(target=work, args=(0,)).start()
    reactor.run()
    assert len(seen) == 2000 and set(seen) == {threading.get_ident()}


def test_signals_arrive_in_the_loop(reactor: Reactor) -> None:
    """Not in the middle of something else."""
    seen: list[int] = []

    def came() -> None:
        seen.append(1)
        reactor.stop()

    reactor.on_signal(signal.SIGUSR1, came)
    os.kill(os.getpid(), signal.SIGUSR1)
    assert seen == []
    reactor.run()
    assert seen == [1]
