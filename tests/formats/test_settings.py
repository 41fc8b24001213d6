"""The operator's file: everything it can say, and everything that is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.account import Quota, Role
from rota.core.errors import Malformed
from rota.formats.settings import SETTINGS, read_settings
from rota.sched.backfill import Backfill
from rota.sched.limits import Limit
from rota.sched.problem import QueueRule, Window
from rota.sched.rules import MINUTE_MS, Queue, Rules, rules_of, show_rules
from rota.sched.yields import Yields

WHOLE = """\
policy: fcfs:easy
queues:
  short:
    backfill: strict
    weight: 2
    preempts: true
    users: [ann, bob]
    defaults: {time: 10m, memory: 1GB}
    limits: {time_max: 1h, cores_max: 4, memory_max: 2GB, gpus_max: 0}
  scavenge: {preempt: {mode: suspend, min_run: 5m, max_share: 20%}}
limits:
  - {user: "*", jobs: 100, starts_per_minute: 60}
  - {account: physics, cores: 8, licences: {abaqus: 2}}
licences: {abaqus: 12}
windows:
  - {name: cooling, nodes: [n1], start: 1970-01-01T00:00:01Z,
     end: 1970-01-01T01:00:02+01:00}
reservations:
  - {name: course, users: [ann], accounts: [physics], start: 1970-01-01T00:00:01Z,
     end: 1970-01-01T00:00:02Z}
shares: {ann: 2, bob: 0.5}
notify: {digest_every: 1m, tail: 5}
roles: {ann: admin, "*": viewer}
visible: {jobs: own, output: all}
oidc: {issuer: "https://login.example.org", client_id: rota, groups: [hpc]}
quotas: {"*": {connections: 5, output: 1GB}, ann: {connections: 9}}
half_life: 1d
pools:
  big: {kind: slurm, time: 4h, cores: 16, max: 20}
"""


def wrong(text: str) -> list[str]:
    """Return all complaints about *text*."""
    with pytest.raises(Malformed) as refused:
        read_settings(text, where="c.yaml")
    return [str(complaint) for complaint in refused.value.complaints]


def test_everything_it_can_say_is_understood() -> None:
    """Key by key; the example names every setting there is."""
    said = read_settings(WHOLE, where="c.yaml")
    rules = rules_of(said.values, source="c.yaml")
    assert set(said.values) == set(SETTINGS)
    assert said.sources["limits"] == "c.yaml:11:1"
    assert rules.policy.name == "fcfs:easy"
    assert (rules.pools["big"].time_ms, rules.pools["big"].most) == (14_400_000, 20)
    assert rules.queues == {
        "short": Queue(
            QueueRule(Backfill.STRICT, weight=-2.0, preempts=True),
            {"time": "10m", "memory": "1GB"}, ("ann", "bob"), time_ms=3_600_000, cores=4,
            memory=2 << 30, gpus=0,
        ),
        "scavenge": Queue(
            yields=Yields("suspend", min_run_ms=300_000, max_share=0.2)
        ),
    }  # fmt: skip
    assert rules.limits == (
        Limit("user", "*", jobs=100, starts=(60, MINUTE_MS)),
        Limit("account", "physics", cores=8, licences=(("abaqus", 2),)),
    )
    assert rules.windows == (
        Window("cooling", 1_000, 2_000, frozenset({"n1"})),
        Window("course", 1_000, 2_000, None, "reservation", ("ann",), ("physics",)),
    )
    assert (rules.licences, rules.shares) == ({"abaqus": 12}, {"ann": 2.0, "bob": 0.5})
    assert rules.half_life_ms == 86_400_000
    assert (rules.role_of("ann"), rules.role_of("bob")) == (Role.ADMIN, Role.VIEWER)
    assert rules.quota_of("bob") == Quota(connections=5, output=1 << 30)
    assert rules.quota_of("ann") == Quota(connections=9, output=1 << 30)
    assert (rules.hides_jobs, rules.shows_output) == (True, True)
    assert show_rules(rules)["queues"]["short"]["time_max_s"] == 3600.0


RESERVED = """\
reservations:
- {{name: r, users: [a], start: 2026-05-01T00:00Z, end: 2026-05-02T00:00Z, {}}}
"""


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}"])
def test_an_empty_file_says_nothing(text: str) -> None:
    """What holds is what holds without a file."""
    assert rules_of(read_settings(text, where="c.yaml").values) == Rules()


def test_all_complaints_come_at_once_each_with_its_line() -> None:
    """And with what would be right."""
    assert wrong(
        "polcy: default\n"
        "queues:\n"
        "  a:\n"
        "    bakfill: easy\n"
        "    defaults:\n"
        "      memroy: 1GB\n"
        "      queue: b\n"
        "    limits: {cores_max: 0}\n"
        "licences: {abaqus: -1}\n"
        "windows:\n"
        "  - start: 2026-05-01T18:00\n"
        "shares:\n"
        "  ann: 0\n"
    ) == [
        "c.yaml:1:1: polcy: unknown setting; did you mean `policy`?",
        "c.yaml:4:5: queues.a.bakfill: unknown key; did you mean `backfill`?",
        "c.yaml:6:7: queues.a.defaults.memroy: unknown key; did you mean `memory`?",
        "c.yaml:7:7: queues.a.defaults.queue: cannot be a default of a queue; leave it out",
        "c.yaml:8:14: queues.a.limits.cores_max: is 0, it must be at least 1",
        "c.yaml:9:12: licences.abaqus: is -1, it must be at least 0",
        "c.yaml:11:5: windows[0]: has no `end`; it must be a mapping with name, start, "
        "end, nodes",
        "c.yaml:11:5: windows[0].start: must be an instant such as 2026-05-01T18:00+02:00, "
        "not '2026-05-01T18:00'; say the zone too, Z is UTC",
        "c.yaml:13:3: shares.ann: is 0, it must be above 0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("limits:\n- {jobs: 3}\n", "limits[0]: is about nobody, or about several"),
        ("limits:\n- {user: a, queue: b, jobs: 3}\n", "is about nobody, or about several"),
        ("limits:\n- {user: a}\n", "limits[0]: limits nothing"),
        ("limits:\n- {queue: a, starts_per_minute: 3}\n", "only users start so many"),
        ("windows:\n- {start: 2026-05-02T00:00Z, end: 2026-05-01T00:00Z}\n", "ends before"),
        ("windows:\n- {start: 2026-02-30T00:00Z, end: 2026-05-01T00:00Z}\n", "is no date"),
        (RESERVED.format("count: 2, cores: 8"), "is said in two ways; say nodes, count"),
        (RESERVED.format("labels: [gpu]"), "labels: is of count or cores; say how many"),
        ("[1, 2]\n", "must be a mapping of settings, not a list"),
        ("a: 1\n---\nb: 2\n", "holds several documents"),
        ("a: 1\na: 2\n", "is given twice"),
        ("a: [1\n", "is not YAML"),
        ("queues: {a: {weight: heavy}}\n", "must be a number"),
        ("half_life: 7\n", "half_life: "),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, told: str) -> None:
    """With a sentence."""
    assert told in "\n".join(wrong(text))


def test_a_policy_that_is_none_is_refused_with_its_line() -> None:
    """By whoever knows the policies."""
    said = read_settings("licences: {a: 1}\npolicy: fcfs:eazy\n", where="c.yaml")
    with pytest.raises(Malformed, match=r"c\.yaml:2:1: policy: unknown backfill"):
        rules_of(said.values, sources=said.sources)


@given(st.text(alphabet="a:-{}[]\n \"'*&!#|0.\x00queslimtw", max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    """It understands or it refuses."""
    try:
        rules_of(read_settings(text, where="c.yaml").values)
    except Malformed as error:
        assert error.complaints
