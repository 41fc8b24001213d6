"""The loop both programs stand on: wait for descriptors, signals, threads and times.

    watch(fd, on_ready)      on_ready(events) whenever epoll says so
    at(boot_ms, act)         once, at that time of CLOCK_BOOTTIME
    on_signal(number, act)   after the signal, in the loop and not in the handler
    post(act)                from any thread: act() in the loop, soon

asyncio does the same and more; it costs 6 MB and 30 ms at every start, and a node pays
that for each agent and each shepherd.
"""

from __future__ import annotations

import heapq
import os
import select
import signal
from collections import deque
from typing import Callable, Deque, Dict, List, Optional, Tuple

from rota.agent.clock import boot_ms

READ, WRITE = select.EPOLLIN, select.EPOLLOUT
NAP_MS_MAX = 5_000
"""epoll's own clock stops while the machine sleeps; so late a timer may be after that."""

Act = Callable[[], None]


class Timer:
    """One call that is due; ``cancel`` may come at any time, also after it."""

    __slots__ = ("act", "at")

    def __init__(self, at: int, act: Act) -> None:
        self.at = at
        self.act: Optional[Act] = act

    def cancel(self) -> None:
        """Let it not happen."""
        self.act = None

    @property
    def pending(self) -> bool:
        """Is it still to come?"""
        return self.act is not None


class Reactor:
    """See the head of the file.  Only ``post`` may be called from another thread."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._ready: Dict[int, Callable[[int], None]] = {}
        self._timers: List[Tuple[int, int, Timer]] = []
        self._count = 0
        self._posted: Deque[Act] = deque()
        self._signals: Dict[int, Act] = {}
        self._running = False
        self._wake_in, self._wake_out = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self.watch(self._wake_in, self._woken)
        self.after_each: Act = lambda: None

    def watch(self, fd: int, on_ready: Callable[[int], None], events: int = READ) -> None:
        """Have *on_ready* called with what *fd* is ready for; again: change the events."""
        if fd in self._ready:
            self._epoll.modify(fd, events)
        else:
            self._epoll.register(fd, events)
        self._ready[fd] = on_ready

    def unwatch(self, fd: int) -> None:
        """Stop watching *fd*; to be called before it is closed."""
        if self._ready.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def at(self, when: int, act: Act) -> Timer:
        """Have *act* called once, when ``boot_ms()`` reaches *when*."""
        timer = Timer(when, act)
        self._count += 1
        heapq.heappush(self._timers, (when, self._count, timer))
        return timer

    def after(self, millis: int, act: Act) -> Timer:
        """Have *act* called once, *millis* from now."""
        return self.at(boot_ms() + millis, act)

    def post(self, act: Act) -> None:
        """Have *act* called by the loop, soon; safe from any thread."""
        self._posted.append(act)
        self._wake()

    def on_signal(self, number: int, act: Act) -> None:
        """Have *act* called by the loop after signal *number* came."""
        self._signals[number] = act
        signal.signal(number, _noted)
        signal.set_wakeup_fd(self._wake_out, warn_on_full_buffer=False)

    def run(self) -> None:
        """Turn until ``stop``."""
        self._running = True
        while self._running:
            self.turn()

    def stop(self) -> None:
        """Let ``run`` return after this turn."""
        self._running = False

    def turn(self) -> None:
        """Wait for what comes next, and call who waits for it."""
        for fd, events in self._epoll.poll(self._nap()):
            on_ready = self._ready.get(fd)
            if on_ready is not None:
                on_ready(events)
        self._ring()
        self.after_each()

    def close(self) -> None:
        """Let go of the loop's own descriptors."""
        if self._signals:
            signal.set_wakeup_fd(-1)
            for number in self._signals:
                signal.signal(number, signal.SIG_DFL)
        self._epoll.close()
        os.close(self._wake_in)
        os.close(self._wake_out)

    def _nap(self) -> float:
        while self._timers and not self._timers[0][2].pending:
            heapq.heappop(self._timers)
        if self._posted:
            return 0.0
        if not self._timers:
            return -1.0
        return max(0, min(self._timers[0][0] - boot_ms(), NAP_MS_MAX)) / 1000

    def _ring(self) -> None:
        while self._timers and self._timers[0][0] <= boot_ms():
            timer = heapq.heappop(self._timers)[2]
            act, timer.act = timer.act, None
            if act is not None:
                act()

    def _wake(self) -> None:
        try:
            os.write(self._wake_out, b"\0")
        except BlockingIOError:
            # The pipe is full of wake-ups: the loop is about to wake anyway.
            return

    def _woken(self, _events: int) -> None:
        for number in set(os.read(self._wake_in, 65536)):
            act = self._signals.get(number)
            if act is not None:
                act()
        for _ in range(len(self._posted)):
            self._posted.popleft()()


def _noted(_number: int, _frame: object) -> None:
    """Do nothing: the wake-up descriptor already has the signal's number."""
