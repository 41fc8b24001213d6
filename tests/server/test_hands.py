"""The hands: measurements reach the store, and a full disk drops them without a fuss."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from rota.server import hands
from rota.server.live import Live, Sample
from rota.store.contract import StoreFull

ROW: Sample = (1, 0, 1, 5, 6, 7, 8, 9, 1)


async def play(
    live: Live, save: Callable[[list[Sample]], None], enough: asyncio.Event
) -> None:
    """Keep samples until *enough*."""

    def soon(rows: list[Sample]) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            save(rows)
            done.set_result(None)
        except StoreFull as full:
            done.set_exception(full)
        return done

    task = asyncio.create_task(hands.keep_samples(live, soon))
    await asyncio.wait_for(enough.wait(), 20)
    task.cancel()


def test_measurements_are_kept_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came meanwhile goes along."""
    monkeypatch.setattr(hands, "SAVE_S", 0.01)

    async def scene() -> list[Sample]:
        live, saved, enough = Live(), [], asyncio.Event()

        def save(rows: list[Sample]) -> None:
            saved.extend(rows)
            enough.set()

        live.sampled([ROW] * 3)
        await play(live, save, enough)
        return saved

    assert asyncio.run(scene()) == [ROW] * 3


def test_a_full_disk_drops_them_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are no promise."""
    monkeypatch.setattr(hands, "SAVE_S", 0.01)

    async def scene() -> int:
        live, tries, enough = Live(), [], asyncio.Event()

        def save(rows: list[Sample]) -> None:
            tries.append(rows)
            if len(tries) == 1:
                live.sampled([ROW])
                raise StoreFull("no room")
            enough.set()

        live.sampled([ROW])
        await play(live, save, enough)
        return len(tries)

    assert asyncio.run(scene()) == 2
