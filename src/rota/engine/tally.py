"""What is in use of what belongs to no node, and what was used lately.

    an allocation starts ──→ licences taken, usage rises, the start is noted
    an allocation ends   ──→ licences back, usage fades, its run time is learned

Licences are counted here and nowhere else: they are taken in the same step as the cores.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping

from rota.core.job import JobSpec
from rota.engine.learned import Learned
from rota.engine.live import Alloc, Job
from rota.engine.records import CapSaved, UsageSaved
from rota.sched.caps import Cap
from rota.sched.expected import Estimate
from rota.sched.fairshare import Usage
from rota.sched.rules import MINUTE_MS, Rules
from rota.sched.shares import Tree, leaf
from rota.sched.yields import HOUR_MS

CapKey = tuple[str, str, bool]
SHARES_MS = 1000
"""So long what users had more than others is believed before it is looked at again."""


class Tally:
    """See the head of the file.

    Attributes:
        licences:  {name: how many are held}
        excused:   {name: how many were held when the operator declared fewer}
        recent:    {user: their starts of the last minute, in order}; of those alone whom
                   a limit concerns
        stops:     {queue: when of it was stopped for others in the last hour, in order}
        learned:   run times, and work of later jobs let past each waiting one
        caps:      {(kind, name, own): a limit that was set live}
    """

    def __init__(self, *, half_life_ms: int) -> None:
        self.licences: Counter[str] = Counter()
        self.excused: dict[str, int] = {}
        self.recent: dict[str, deque[int]] = {}
        self.stops: dict[str, deque[int]] = {}
        self.usage = Usage(half_life_ms=half_life_ms)
        self.changed: set[str] = set()
        self.caps: dict[CapKey, Cap] = {}
        self._caps: dict[CapKey, CapSaved] = {}
        self._shares: tuple[tuple[Tree, int, int], dict[str, float]] | None = None
        self.learned = Learned()
        self._ends: Counter[str] = Counter()
        self._work: dict[int, float] = {}
        self._at = 0

    def start(self, alloc: Alloc, at: int) -> None:
        """Count *alloc* in: it starts now."""
        self.hold(alloc, at)
        work = self.expect(alloc.job).mean_ms * alloc.cores
        self._work[alloc.id] = work
        self.learned.overtaken.started(alloc.job.id, work)
        self.learned.overtaken.waited(at - alloc.job.submitted_at, at)
        self.learned.note()

    def note_start(self, user: str, at: int) -> None:
        """Remember a start of *user*, for limits on their rate."""
        starts = self.recent.setdefault(user, deque())
        while starts and starts[0] <= at - MINUTE_MS:
            starts.popleft()
        starts.append(at)

    def note_stop(self, queue: str, at: int) -> None:
        """Remember that something of *queue* was stopped for others."""
        stops = self.stops.setdefault(queue, deque())
        while stops and stops[0] <= at - HOUR_MS:
            stops.popleft()
        stops.append(at)

    def hold(self, alloc: Alloc, at: int) -> None:
        """Count what *alloc* holds: from now on, or after a restart, since it started."""
        for name, amount in alloc.request.licences:
            self.licences[name] += amount
        self._turn(alloc, alloc.cores, at)

    def recall(self, rows: Iterable[UsageSaved]) -> None:
        """Start from what the store kept."""
        for row in rows:
            self.usage.set(row.user, row.used, row.at)
            self._at = max(self._at, row.at)

    def put_cap(self, cap: Cap, *, gone: bool = False) -> None:
        """Let *cap* hold from now on, in place of one that was there; or no more."""
        key = cap.kind, cap.name, cap.own
        self.caps.pop(key, None)
        if not gone:
            self.caps[key] = cap
        self._caps[key] = CapSaved(*key, dict(cap.said), cap.set_by, cap.at, gone)

    def rows(self) -> list[UsageSaved | CapSaved]:
        """Return a record of each cap, and whose usage took a turn, since the last call."""
        at = self._at
        rows = [UsageSaved(u, self.usage.of(u, at), at) for u in sorted(self.changed)]
        self.changed.clear()
        caps = list(self._caps.values())
        self._caps.clear()
        return [*rows, *caps]

    def end(self, alloc: Alloc, at: int) -> None:
        """Count *alloc* out: it ended now."""
        for name, amount in alloc.request.licences:
            self.licences[name] -= amount
            if name in self.excused:
                self.excused[name] = min(self.excused[name], self.licences[name])
            if not self.licences[name]:
                del self.licences[name]
        if not alloc.lent:
            self._turn(alloc, -alloc.cores, at)
        guess = self._work.pop(alloc.id, None)
        if guess is not None:
            ran = max(0, at - alloc.placed_at)
            self.learned.overtaken.started(alloc.job.id, ran * alloc.cores - guess)

    def lend(self, alloc: Alloc, at: int) -> None:
        """Others may have the cores of *alloc*: they are charged for them, not its user."""
        self._turn(alloc, -alloc.cores, at)

    def take_back(self, alloc: Alloc, at: int) -> None:
        """It has its cores again."""
        self._turn(alloc, alloc.cores, at)

    def _turn(self, alloc: Alloc, cores: int, at: int) -> None:
        name = leaf(alloc.job.account, alloc.job.user.name)
        # What the store kept goes up to an instant: nothing before it is charged twice.
        since = max(at, self.usage.since(name))
        self._at = max(self._at, since)
        self.usage.turn(name, cores, since)
        self.changed.add(name)

    def free(self, declared: Mapping[str, int]) -> dict[str, int]:
        """Return {licence: how many of those *declared* are free}."""
        held = self.licences
        return {name: max(0, count - held[name]) for name, count in declared.items()}

    def shares(self, rules: Rules, at: int) -> dict[str, float]:
        """Return {``shares.leaf``: what they had more than the average, by their share}."""
        # Rounds come every few milliseconds; in a second nobody's share turns.
        key = rules.tree, at // SHARES_MS, self.usage.count
        if self._shares is None or self._shares[0] != key:
            self._shares = key, rules.tree.excess(self.used(at))
        return self._shares[1]

    def used(self, at: int) -> dict[str, float]:
        """Return {``shares.leaf``: core-milliseconds used by *at*, faded}."""
        at = max(at, self._at)
        return {name: self.usage.of(name, at) for name in self.usage.names()}

    def meet(self, job: Job) -> None:
        """Count in who submitted *job*: a newcomer stands where their account stands."""
        name = leaf(job.account, job.user.name)
        if name not in self.usage:
            self.usage.set(name, 0.0, self._at)

    def fade(self, *, half_life_ms: int) -> None:
        """Let usage fade by another half-life from now on."""
        fresh, at = Usage(half_life_ms=half_life_ms), self._at
        for name in list(self.usage.names()):
            fresh.set(name, self.usage.of(name, at), at)
            fresh.turn(name, self.usage.rate(name), at)
        self.usage = fresh

    def learn(self, job: Job, *, run_ms: int) -> None:
        """Take note that a task of *job* ran so long."""
        limit = job.spec.request.time_ms
        self._ends[job.user.name] += 1
        self.learned.runtimes.learn(_keys(job), run_ms=run_ms, limit_ms=limit)
        self.learned.note()

    def expect(self, job: Job) -> Estimate:
        """Return how long a task of *job* will probably run; it only ever orders."""
        # Every round asks it of every line: it is worked out anew when there is news.
        learned = self._ends[job.user.name]
        limit = job.spec.request.time_ms
        if limit is None:
            # What everybody's runs tell is news, too: less and less often.
            learned += self.learned.runtimes.seen.bit_length() << 32
        if job.guess is not None and job.guess[0] == learned:
            return job.guess[1]
        keys, said = _keys(job), job.spec.expected_ms
        if said is not None and not self.learned.runtimes.knows(keys[-1]):
            # A word counts until the like of it has ended: then what those took does.
            told = float(said if limit is None else min(said, limit))
            found = Estimate(told, told)
        else:
            found = self.learned.runtimes.expect(keys, limit_ms=limit)
        job.guess = learned, found
        return found

    def check(self, allocs: Iterable[Alloc], rules: Rules) -> None:
        """Assert that what is held is what allocations hold, and no more than there is."""
        held: Counter[str] = Counter()
        for alloc in allocs:
            held.update(dict(alloc.request.licences))
        assert held == self.licences, f"licences miscounted: {held} != {self.licences}"
        for name, count in held.items():
            most = max(rules.licences.get(name, 0), self.excused.get(name, 0))
            assert count <= most, f"licence {name} overdrawn: {count} held of {most}"

    def excuse(self) -> None:
        """Let what is held be held, even if there are fewer now."""
        self.excused = dict(self.licences)


def _keys(job: Job) -> tuple[tuple[object, ...], ...]:
    user, spec = job.user.name, job.spec
    template, request = template_of(spec), spec.request
    return (
        (user,),
        (user, template),
        (user, template, request.cores, request.time_ms),
    )


def template_of(spec: JobSpec) -> str:
    """Return what jobs that run the same program have in common: its name."""
    if spec.argv:
        return spec.argv[0].rsplit("/", 1)[-1]
    if spec.command:
        words = spec.command.split(None, 1)
        return words[0].rsplit("/", 1)[-1] if words else ""
    return spec.name or "script"
