"""What users and bad luck do to a virtual world, drawn from its seed."""

from __future__ import annotations

from rota.core.account import Role, User
from rota.core.indexes import IndexSet
from rota.core.job import After, Array, JobSpec
from rota.core.remedy import Remedy
from rota.core.resources import Request
from rota.engine.events import Asked, NodeAsked, Submitted
from rota.sim.world import World

ANN = User("ann", 1000, Role.ADMIN)


def campaign(world: World, *, steps: int) -> None:
    """Let users work and things break for *steps* steps, then heal all and come to rest."""
    world.start_server()
    for node in world.nodes:
        world.connect(node)
    for _ in range(steps):
        act = world.random.choices(list(ACTS), weights=list(ACTS.values()))[0]
        act(world)
        world.run_until(world.now + world.random.choice([0, 1, 10, 100, 1_000, 5_000]))
    heal(world)


def heal(world: World) -> None:
    """Everything comes back; nothing breaks any more; what is held by hand is released."""
    world.crash_next = None
    for _ in range(400):
        world.start_server()
        for node in world.nodes:
            world.connect(node)
        if world.mind is not None and not world.mind.memory.jobs:
            break
        _release_all(world)
        world.run_until(world.now + world.scale.duration_ms)
    world.witness.verdict()


ELSEWHERE = Remedy(time=200, elsewhere=True)


def _release_all(world: World) -> None:
    assert world.mind is not None
    names = [node.node.name for node in world.nodes]
    world.tell(NodeAsked(world.now, ANN, "undrain", names))
    for job in list(world.mind.memory.jobs):
        world.tell(Asked(world.now, ANN, "release", [(job, None)]))
        world.tell(Asked(world.now, ANN, "resume", [(job, None)]))


VERBS = (
    "kill", "hold", "release", "release", "rerun", "suspend", "suspend", "resume", "resume",
)  # fmt: skip


def _submit(world: World) -> None:
    chance = world.random
    specs = []
    for _ in range(chance.choice([1, 1, 3])):
        size = chance.choice([0, 0, 3, 40])
        limit = chance.choice([None, 2])
        array = Array(IndexSet([[0, size]]), limit) if size else None
        known = sorted(world.ledger.added)
        after: tuple[After, ...] = ()
        if known and chance.random() < 0.4:
            after = (After(chance.choice(["ok", "any", "notok", "start"]), known[-1]),)
        if (twin := _twin(world, array)) and chance.random() < 0.5:
            after += (After(chance.choice(["ok", "any", "notok", "start"]), twin, True),)
        specs.append(
            JobSpec(
                argv=("x",),
                array=array,
                after=after,
                on_impossible=chance.choice(["hold", "fail"]),
                request=_request(world),
                queue=_queue(world),
                retries={"any": chance.choice([0, 2])},
                remedies={"any": ELSEWHERE} if world.remedies else {},
                requeue_codes=(1,) if world.remedies and len(known) % 5 == 1 else (),
                retry_delay_ms=chance.choice([0, 500]),
                restartable=chance.random() < 0.7,
                priority=chance.choice([0, 0, 100]),
                max_fails=chance.choice([None, None, 2]) if size else None,
                begin_at=world.now + 3_000 if chance.random() < 0.1 else None,
            )
        )
    wanted = {after.job for s in specs for after in s.after if after.by_task}
    event = Submitted(
        world.now, ANN, specs, ended=world.ledger.ended(),
        task_ends=world.ledger.task_ends(wanted),
    )  # fmt: skip
    # The event is its own ticket: the reply shows what was asked.
    object.__setattr__(event, "ticket", event)
    world.tell(event)


def _twin(world: World, array: Array | None) -> int | None:
    """Return the latest array with the same tasks, to be waited for one by one."""
    for id in sorted(world.ledger.added, reverse=True):
        other = world.ledger.added[id].spec.array
        if array and other and other.indexes == array.indexes:
            return id
    return None


def _request(world: World) -> Request:
    """Licences are asked for only where there are any."""
    cores = world.random.choice([1, 1, 2, 4])
    there = world.rules.licences
    if not there:
        return Request(cores=cores)
    name = world.random.choice(sorted(there))
    count = world.random.choice([0, 1, 1, there[name]])
    licences = ((name, count),) if count else ()
    limit = world.random.choice([None, 20_000])
    return Request(cores=cores, licences=licences, time_ms=limit)


def _queue(world: World) -> str:
    names = world.rules.queue_names
    return world.random.choice(names) if names else JobSpec().queue


def _ask(world: World) -> None:
    if world.mind is None or not world.ledger.added:
        return
    verb = world.random.choice(VERBS)
    job = world.random.choice(sorted(world.ledger.added))
    spec = world.ledger.added[job].spec
    index = None
    if spec.array and world.random.random() < 0.5:
        index = world.random.choice(list(spec.array.indexes))
    revived = [world.ledger.job_image(job, live=False)] if verb == "rerun" else []
    world.tell(Asked(world.now, ANN, verb, [(job, index)], revived=revived))


def _drain(world: World) -> None:
    node = world.random.choice(world.nodes)
    verb = world.random.choice(["drain", "undrain", "undrain"])
    world.tell(NodeAsked(world.now, ANN, verb, [node.node.name], "a whim"))


def _crash(world: World) -> None:
    how = world.random.choice(["now", "before commit", "after commit"])
    if how == "now":
        world.crash_server()
    elif world.mind is not None:
        world.crash_next = how


def _start(world: World) -> None:
    world.start_server()


def _cut(world: World) -> None:
    world.disconnect(world.random.choice(world.nodes))


def _join(world: World) -> None:
    for node in world.nodes:
        if world.random.random() < 0.7:
            world.connect(node)


def _reboot(world: World) -> None:
    node = world.random.choice(world.nodes)
    world.disconnect(node)
    node.reboot(world.now)


def _long_silence(world: World) -> None:
    world.disconnect(world.random.choice(world.nodes))
    world.run_until(world.now + 2 * world.scale.lease_ms)


ACTS = {
    _submit: 10,
    _ask: 6,
    _drain: 1,
    _crash: 3,
    _start: 5,
    _cut: 3,
    _join: 8,
    _reboot: 1,
    _long_silence: 1,
}
"""What may happen in a step, and how often compared with the rest."""
