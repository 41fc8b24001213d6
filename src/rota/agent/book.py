"""What a shepherd knows: its attempts, the strips they wait in, the numbers it has seen.

    run ─▶ waiting ─▶ (staging_in) ─▶ running ─▶ ending ─▶ (staging_out) ─▶ ended
              ╰──────────┴─────────── declined ─────────────────────────────╯


``live`` has all before ``ended``; of an ended attempt only the words that say so are kept,
until the server has them.  The book does no I/O: ``journal`` writes what it says, and
``replayed`` makes it again from what was written.
"""

from __future__ import annotations

import json
from collections import OrderedDict, deque
from typing import Any, Deque, Dict, Iterable, Iterator, List, Mapping, Optional, Set, Tuple

from rota.agent.cage import Cage
from rota.agent.plans import Plan
from rota.agent.reactor import Timer
from rota.agent.recipe import Recipe
from rota.agent.stages import Exit, exit_of
from rota.core.reasons import reason

Ref = Tuple[int, int, int]
Values = Optional[Mapping[str, Any]]

SEEN_MAX = 16_384
"""So many tasks' highest attempt numbers are remembered; older ones are settled."""

CONDEMNED_MAX = 4_096

WAITING, RUNNING, ENDING = "waiting", "running", "ending"
STAGING_IN, STAGING_OUT = "staging_in", "staging_out"
NOT_STARTED = (WAITING, STAGING_IN)

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Attempt:
    """One try at a task, from acceptance to its end.

    Shapes:
        near_end:  of its terminal, held open until it is over
        frozen:    {(pid, start)} of the processes that ``suspend`` stopped
        paused_at: ``boot_ms`` since when it stands still; 0: it does not
    """

    __slots__ = (
        "alloc",
        "cage",
        "ended_at",
        "err",
        "exit_code",
        "extra_cpu_s",
        "frozen",
        "is_long",
        "is_warned",
        "kill_timer",
        "killing",
        "last_progress",
        "main_gone",
        "max_rss",
        "near_end",
        "out",
        "paused_at",
        "phase",
        "pid",
        "plan",
        "recipe",
        "ref",
        "rusage",
        "sample_at",
        "signal",
        "stages",
        "start_boot",
        "started_at",
        "stood_ms",
        "sweep_at",
        "tag",
        "values",
    )  # fmt: skip

    def __init__(self, ref: Ref, alloc: "Alloc", *, recipe: Recipe, values: Values) -> None:
        self.ref = ref
        self.alloc = alloc
        self.recipe = recipe
        self.values = values
        self.phase = WAITING
        self.tag = 0
        self.pid = 0
        self.start_boot = 0
        self.started_at: Optional[int] = None
        self.ended_at = 0
        self.out = self.err = ""
        self.exit_code: Optional[int] = None
        self.signal: Optional[int] = None
        self.rusage: Any = None
        self.extra_cpu_s = 0.0
        self.max_rss = 0
        self.main_gone = False
        self.killing: Optional[Mapping[str, Any]] = None
        self.kill_timer: Optional[Timer] = None
        self.cage: Optional[Cage] = None
        self.near_end: Optional[int] = None
        self.is_long = self.is_warned = False
        self.sample_at = 0
        self.last_progress = ""
        self.sweep_at = 0
        self.frozen: Set[Tuple[int, int]] = set()
        self.paused_at = 0
        self.stood_ms = 0
        self.plan: Optional[Plan] = None
        self.stages: Dict[str, Any] = {}

    def stood(self, now: int) -> int:
        """Return how long it has stood still by *now*, ms: no time limit counts that."""
        return self.stood_ms + (now - self.paused_at if self.paused_at else 0)


class Alloc:
    """One strip: tasks of one job that run one after another in one allocation.

    Shapes:
        coming:  accepted, but not on disk yet;  waiting: may start;  current: runs
        recipe:  of its first tasks; later ones may come with another, if the job changed
    """

    __slots__ = ("coming", "current", "id", "is_ready", "recipe", "timer", "waiting")

    def __init__(self, alloc: int, recipe: Recipe) -> None:
        self.id = alloc
        self.recipe = recipe
        self.coming: Dict[Ref, Attempt] = {}
        self.waiting: Deque[Attempt] = deque()
        self.current: Optional[Attempt] = None
        self.is_ready = False
        self.timer: Optional[Timer] = None

    @property
    def is_over(self) -> bool:
        """Is nothing left of it?"""
        return self.current is None and not self.waiting and not self.coming


class Book:
    """See the head of the file."""

    def __init__(self) -> None:
        self.live: Dict[Ref, Attempt] = {}
        self.allocs: Dict[int, Alloc] = {}
        self.ended: Dict[Ref, str] = {}
        self.condemned: "OrderedDict[Ref, Mapping[str, Any]]" = OrderedDict()
        self._seen: "OrderedDict[Tuple[int, int], int]" = OrderedDict()

    @property
    def is_settled(self) -> bool:
        """Is there nothing left to run and nothing left to tell?"""
        return not self.live and not self.ended

    def accept(
        self, run: Mapping[str, Any], recipe: Recipe
    ) -> Tuple[Alloc, List[Attempt], List[Tuple[Ref, Mapping[str, Any]]]]:
        """Return the strip of *run*, what is new in it, and what is declined and why.

        An order for a strip that is there already makes it longer.  A task that is held
        already is left out; so is a number not larger than one seen of that task, which
        is declined (G07), and what was killed before it came (G16).
        """
        alloc = self.allocs.get(run["alloc"]) or Alloc(run["alloc"], recipe)
        fresh: List[Attempt] = []
        declined: List[Tuple[Ref, Mapping[str, Any]]] = []
        job = recipe.job
        for task, n, values in run["tasks"]:
            ref = (job, task, n)
            if ref in self.live or ref in self.ended:
                continue
            condemned = self.condemned.pop(ref, None)
            stale = self._seen.get((job, task), 0)
            self.see(ref)
            if n <= stale:
                declined.append((ref, _stale(stale)))
            elif condemned is not None:
                declined.append((ref, condemned))
            else:
                attempt = Attempt(ref, alloc, recipe=recipe, values=values)
                self.live[ref] = alloc.coming[ref] = attempt
                fresh.append(attempt)
        if fresh:
            self.allocs[alloc.id] = alloc
        return alloc, fresh, declined

    def end(self, ref: Ref, message: Mapping[str, Any]) -> str:
        """Take *ref* out of the living; return *message* as text, kept until forgotten."""
        text = _dumps(message)
        self.live.pop(ref, None)
        self.ended[ref] = text
        return text

    def condemn(self, ref: Ref, why: Mapping[str, Any]) -> None:
        """Remember that *ref*, which has not come yet, is not to start."""
        self.condemned[ref] = why
        self.see((ref[0], ref[1], ref[2] - 1))
        if len(self.condemned) > CONDEMNED_MAX:
            self.condemned.popitem(last=False)

    def forget(self, refs: Iterable[Ref]) -> List[Ref]:
        """Drop the ended among *refs*; return which those were."""
        return [ref for ref in refs if self.ended.pop(ref, None) is not None]

    def has_seen(self, ref: Ref) -> bool:
        """Was this attempt, or a later one of its task, here before?"""
        return ref[2] <= self._seen.get(ref[:2], 0)

    def see(self, ref: Ref) -> None:
        """Remember the attempt number of *ref* as the highest of its task, if it is."""
        task = ref[:2]
        self._seen[task] = max(ref[2], self._seen.get(task, 0))
        self._seen.move_to_end(task)
        if len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)

    def holds(self) -> List[List[Any]]:
        """Return what the agent's hello says of it: [job, task, n, phase, started_at]."""
        rows: List[List[Any]] = []
        for ref, attempt in self.live.items():
            phase = WAITING if attempt.phase in NOT_STARTED else RUNNING
            rows.append([*ref, phase, attempt.started_at])
        rows.extend([*ref, "ended", None] for ref in self.ended)
        return rows

    def records(self) -> Iterator[Tuple[Any, ...]]:
        """Yield journal records that make this book again."""
        yield ("seen", [[*task, n] for task, n in self._seen.items()])
        for alloc in self.allocs.values():
            held = [alloc.current, *alloc.waiting, *alloc.coming.values()]
            yield ("run", alloc.id, alloc.recipe.job, [a.ref[1:] for a in held if a])
        for attempt in self.live.values():
            if attempt.phase == STAGING_OUT:
                # Its ``exit`` is told by who stores its outputs.
                continue
            if attempt.phase not in NOT_STARTED:
                yield ("go", *attempt.ref, attempt.tag, attempt.start_boot)
            if attempt.pid:
                yield ("pid", *attempt.ref, attempt.pid, attempt.started_at)
        for text in self.ended.values():
            yield ("end", json.loads(text))


def _stale(seen: int) -> Mapping[str, Any]:
    why = reason("returned")
    return why._replace(evidence={"stale": True, "highest_attempt_seen": seen}).to_dict()


class Trace:
    """What a journal says of one attempt that had not ended when its shepherd died.

    tag, boot: of the last start that was tried; 0: none was, so no user code ever ran
    """

    __slots__ = ("alloc", "boot_ms", "pid", "ref", "started_at", "tag")

    def __init__(self, ref: Ref, alloc: int) -> None:
        self.ref = ref
        self.alloc = alloc
        self.tag = 0
        self.boot_ms = 0
        self.pid = 0
        self.started_at: Optional[int] = None


class Replayed:
    """What a journal amounts to: ends that are still to be told, and open traces."""

    def __init__(self) -> None:
        self.book = Book()
        self.open: Dict[Ref, Trace] = {}
        self.exits: Dict[Ref, Exit] = {}
        self.boot = ""

    def take(self, record: List[Any]) -> None:
        """Let *record* have happened.

        Raises:
            ValueError, TypeError, KeyError, IndexError: it is not one of ours.
        """
        kind = record[0]
        if kind == "boot":
            if self.boot != record[1]:
                # Nothing that was open then is there now.
                self.open.clear()
                self.exits.clear()
            self.boot = str(record[1])
        elif kind == "run":
            for task, n in record[3]:
                self._open((int(record[2]), int(task), int(n)), int(record[1]))
        elif kind in ("go", "pid"):
            ref = (int(record[1]), int(record[2]), int(record[3]))
            trace = self._open(ref, 0)
            if kind == "go":
                trace.tag, trace.boot_ms = int(record[4]), int(record[5])
            else:
                trace.pid, trace.started_at = int(record[4]), int(record[5])
        elif kind == "exit":
            exit = exit_of(record)
            self.open.pop(exit.ref, None)
            self.book.see(exit.ref)
            self.exits[exit.ref] = exit
        elif kind == "end":
            self._ended(record[1])
        elif kind == "forget":
            self.book.forget([(int(j), int(t), int(n)) for j, t, n in record[1]])
        elif kind == "seen":
            for job, task, n in record[1]:
                self.book.see((int(job), int(task), int(n)))

    def _open(self, ref: Ref, alloc: int) -> Trace:
        self.book.see(ref)
        return self.open.setdefault(ref, Trace(ref, alloc))

    def _ended(self, message: Mapping[str, Any]) -> None:
        job, task, n = message["a"]
        ref = (int(job), int(task), int(n))
        self.open.pop(ref, None)
        self.exits.pop(ref, None)
        self.book.see(ref)
        self.book.end(ref, message)


def replayed(records: Iterable[List[Any]]) -> Tuple[Replayed, int]:
    """Return what *records* amount to, and how many of them made no sense."""
    result, bad = Replayed(), 0
    for record in records:
        try:
            result.take(record)
        except (ValueError, TypeError, KeyError, IndexError):
            bad += 1
    return result, bad
