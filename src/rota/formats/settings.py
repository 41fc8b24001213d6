"""What an operator writes in ``config.yaml``: one table, and its strict reader.

policy: default
queues:
  short: {weight: 2, defaults: {time: 10m}, limits: {time_max: 1h}}
limits:
  - {user: "*", jobs: 100, starts_per_minute: 60}
licences: {abaqus: 12}
windows:
  - {name: cooling, nodes: [n1], start: 2026-05-01T18:00Z, end: 2026-05-01T22:00Z}
shares: {ann: 2, physics: {shares: 3, members: {bob: 1, cyd: 1}}}
half_life: 7d
roles: {ann: admin, bob: operator}
pools:
  big: {kind: slurm, time: 4h, cores: 16, max: 20}

text ──→ values for ``sched.rules.rules_of``, or every complaint with its line
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from rota.core.errors import Complaint, Malformed
from rota.core.fields import Kind, Notes, check, forms
from rota.core.fields.groups import Either, Keys, ListOf, MapOf
from rota.core.fields.kinds import (
    Choice,
    Duration,
    Note,
    Number,
    Size,
    Text,
    Whole,
)
from rota.core.fields.telling import plain, quoted, suggest
from rota.formats.access import OIDC, QUOTAS, ROLES_OF, VISIBLE, judge_oidc
from rota.formats.limits import COUNT, LIMIT_KEYS
from rota.formats.native.yamls import Tree, read_tree
from rota.formats.notices import NOTICES, judge_notices
from rota.formats.pools import POOL_NAME, PoolKind
from rota.formats.shares import Positive, ShareTree
from rota.formats.spots import place
from rota.formats.windows import RESERVATION, WINDOW, judge_windows

NOT_DEFAULTS = frozenset(("queue", "key", "after", "command", "argv", "script"))
"""Keys that belong to one job and to no queue."""


class Setting(NamedTuple):
    """One row of the table: a key of the file."""

    kind: Kind
    says: str
    default: str


class SettingsFile(NamedTuple):
    """What a file says: values as ``sched.rules.rules_of`` takes them.

    Shapes:
        sources: {key of the file: "file:line"}
    """

    values: dict[str, Any]
    sources: dict[str, str]


class _JobKeys(Kind):
    """Keys of a job, by the table of jobs."""

    shape = "a mapping of keys of a job"

    def read(self, value: Any, note: Note) -> Any:
        if not isinstance(value, dict):
            note(f"must be {self.shape}, not {quoted(value)}")
            return value
        notes = Notes()
        check(value, notes)
        for key, problem, remedy, _ in notes.complaints:
            note(problem, remedy, f".{key}")
        for key in value:
            if key in NOT_DEFAULTS:
                note("cannot be a default of a queue", "leave it out", f".{key}")
        return value


class _Preempts(ListOf):
    """Yes, or the queues whose jobs may be stopped."""

    shape = "true, false, or a list of queues"

    def read(self, value: Any, note: Note) -> Any:
        return value if type(value) is bool else super().read(value, note)


class _Share(Kind):
    """A part of a whole, from 0 to 1."""

    shape = "a part such as 20%"
    _FORM = re.compile(r"(\d{1,3}(?:\.\d{1,3})?) ?%")

    def read(self, value: Any, note: Note) -> Any:
        found = self._FORM.fullmatch(value) if type(value) is str else None
        if found is None or float(found[1]) > 100:
            note(f"must be {self.shape}, not {quoted(value)}", "say at most 100%")
            return value
        return float(found[1]) / 100


class _Part(Number):
    """A part of a whole."""

    shape = "a number above 0, at most 1"

    def read(self, value: Any, note: Note) -> Any:
        if type(value) in (int, float) and not 0 < value <= 1:
            note(f"is {quoted(value)}, it must be {self.shape}")
            return value
        return super().read(value, note)


_PROBE = Keys(
    (), lmstat=Text(longest=4000, never=Text.LINE), command=Text(longest=4000),
    rlmstat=Text(longest=4000, never=Text.LINE), url=Text(longest=4000, never=Text.LINE),
)  # fmt: skip
_DENIED = Keys((), exit_codes=forms.CODES, pattern=Text(longest=1000, never=Text.LINE))
_METERED = Keys(
    ("count",), count=COUNT, probe=_PROBE, feature=forms.LINE,
    gives=Choice("free", "used", "total"), every=Duration(), timeout=Duration(),
    settle=Duration(zero=True), when_unknown=Choice("last", "hold", "declared"),
    max_age=Duration(), per_user=COUNT, denied=_DENIED,
)  # fmt: skip
_DECLARED = MapOf(forms.RESOURCE, Either(number=COUNT, mapping=_METERED), most=1000)
_MOST = Keys(
    (), time_max=Duration(), cores_max=Whole(1, forms.CORES_MAX), memory_max=Size(),
    gpus_max=Whole(0, 1000),
)  # fmt: skip
_YIELDS = Keys(
    (), mode=Choice("requeue", "suspend", "checkpoint"), min_run=Duration(zero=True),
    grace=Duration(zero=True), max_per_job=Whole(0, 1000), max_share=_Share(),
    per_hour=COUNT,
)  # fmt: skip
_QUEUE = Keys(
    (), backfill=Choice("none", "strict", "easy", "conservative"), weight=Number(),
    preempts=_Preempts(forms.WORD, most=1000), preempt=_YIELDS,
    users=forms.WORDS, defaults=_JobKeys(), limits=_MOST,
)  # fmt: skip
_LIMIT = Keys(
    (), user=forms.PERSON, account=forms.PERSON, queue=forms.PERSON,
    **{key: kind for key, (kind, _) in LIMIT_KEYS.items()},
)  # fmt: skip
_POLICY = Keys(
    (), order=forms.LINE, backfill=forms.LINE, **{"pass": forms.LINE},
    weights=Keys((), typical=Number(), mean=Number(), cores=Number(), share=Number()),
    bound=Keys(
        (), floor=Duration(), part=_Part(), lately=_Part(), soft=_Part(), pull=Positive(),
    ),
)  # fmt: skip


class _Policy(Kind):
    """The name of a policy, or one spelled out."""

    shape = "a policy: its name, or a mapping"

    def read(self, value: Any, note: Note) -> Any:
        if not isinstance(value, dict):
            return Text(longest=200, never=Text.LINE).read(value, note)
        said = _POLICY.read(value, note)
        bound = said.get("bound")
        if isinstance(bound, dict) and "floor" in bound:
            said["bound"] = {("floor_ms" if k == "floor" else k): bound[k] for k in bound}
        return said


SETTINGS: Mapping[str, Setting] = {
    "policy": Setting(
        _Policy(),
        "In which order jobs start and who may pass whom: default, priority:easy,"
        " multifactor[:BACKFILL] (the order of default by its name), or"
        " ORDER[@S][:BACKFILL[:ORDER]] such as fcfs:easy. Or spelled out: order, backfill,"
        " pass (the order of those who pass), weights (typical, mean, cores, share) and"
        " bound (floor, part, lately, soft, pull) of the default order.",
        "default",
    ),
    "queues": Setting(
        MapOf(forms.WORD, _QUEUE, most=1000),
        "The queues by name, each with backfill, weight (larger is sooner), preempts (true,"
        " or the queues it may stop jobs of), preempt (how its own jobs make room: mode,"
        " min_run, grace, max_per_job, max_share, per_hour), users, defaults (keys of a job"
        " file), and limits of one task: time_max, cores_max, memory_max, gpus_max. The"
        " queue default is always there.",
        "every name will do",
    ),
    "limits": Setting(
        ListOf(_LIMIT, most=10_000, single=False),
        'What one user, account or queue ("*": each) may have at a time: jobs, cores,'
        " memory, gpus, licences, queued (tasks that wait), blocks and block_time (how many"
        " jobs of priority block come before everybody, for how long); and of users"
        " starts_per_minute. `rota user limit` and its like put overrides over it.",
        "none",
    ),
    "licences": Setting(
        _DECLARED,
        "How many there are of each licence: a number; or count, probe (lmstat, rlmstat or"
        " command: a command line; or url), feature, gives (free, used or total), every,"
        " timeout, settle, when_unknown (last, hold or declared), max_age, per_user, and"
        " denied (exit_codes, or a pattern of what a failed job wrote).",
        "none",
    ),
    "windows": Setting(
        ListOf(WINDOW, most=1000, single=False),
        "Maintenance: nothing runs on nodes (all when not given) from start to end.",
        "none",
    ),
    "reservations": Setting(
        ListOf(RESERVATION, most=1000, single=False),
        "Nodes kept from start to end for jobs that name it with the key reservation, by"
        " users or accounts: nodes by name, or count of them, or as many as have cores"
        " together, of those with labels; without any of these, all.",
        "none",
    ),
    "shares": Setting(
        ShareTree(),
        "What part of the machine each user or account is entitled to, by weight: name:"
        " weight; and of an account {shares: weight, members: {…}}, users and accounts in"
        " it. Only its members may charge an account that lists some.",
        "all alike",
    ),
    "pools": Setting(
        MapOf(POOL_NAME, PoolKind(), most=1000),
        "Where agents can be had from, by name; the keys are those that"
        " `rota pool add --help` lists.",
        "none",
    ),
    "roles": Setting(
        ROLES_OF,
        'What people may do, by name ("*": everybody else): viewer looks; user hands in'
        " and acts on their own jobs; operator acts on everybody's, drains nodes, sets"
        " limits; admin may all. Whoever started the server, and root, are admin.",
        "everybody is user",
    ),
    "visible": Setting(
        VISIBLE,
        "What people see of jobs of others: jobs (all or own: whether they are listed) and"
        " output (all or own: also files and environment). Who owns a job can let some see"
        " it by its key share; operators see all jobs, admin all output.",
        "jobs: all, output: own",
    ),
    "oidc": Setting(
        OIDC,
        "Logging in to the page by an OpenID Connect provider: issuer, client_id,"
        " client_secret_file, user (the claim that is the name here)"
        " [preferred_username], scopes [openid, profile], groups (one of them is needed)"
        " [anybody], groups_claim [groups], name (on the button) [the issuer's host].",
        "by tokens only",
    ),
    "quotas": Setting(
        QUOTAS,
        'What one user may take of the server, by name ("*": everybody):'
        " requests_per_minute [6000], connections (requests open at a time) [200], stored"
        " (bytes of files) [1TiB], request_size (of a submission) [512MiB], output (bytes"
        " a task may write) [no limit].",
        "as in brackets",
    ),
    "notify": Setting(
        NOTICES,
        "How people are told of their jobs: mail (host, port, tls: none, starttls or tls,"
        " from, user, password_file); channels by name, each a webhook (URL; with"
        " secret_file it is signed), a command (a list of words) or chat (a URL of"
        " apprise); digest_every; tail: so many lines of output.",
        "nobody is told",
    ),
    "half_life": Setting(
        Duration(), "After so long what was used counts half as much.", "7d"
    ),
}
"""Every key of the file."""


def read_settings(text: str, *, where: str) -> SettingsFile:
    """Return what YAML *text* says.

    Args:
        where: the name of the file, for complaints: they say "config.yaml:12:3".

    Raises:
        Malformed: its complaints list all that is wrong, each with its line.
    """
    tree = read_tree(text, where=where)
    wrong: list[Complaint] = []
    if tree.value is None:
        return SettingsFile({}, {})
    if not isinstance(tree.value, dict):
        problem = f"must be a mapping of settings, not {quoted(tree.value)}"
        raise Malformed(complaints=[Complaint("", problem, "", where)])
    values: dict[str, Any] = {}
    for key, held in tree.value.items():
        note = noting(wrong, key, tree=tree, where=where)
        if key not in SETTINGS:
            remedy = suggest(key, SETTINGS) or f"settings are {', '.join(SETTINGS)}"
            note("unknown setting", remedy)
            continue
        values[key] = SETTINGS[key].kind.read(held, note)
        if not wrong:
            _judge(key, values[key], note)
    if wrong:
        raise Malformed(complaints=wrong)
    return SettingsFile(values, {k: place(where, tree.spots.get((k,))) for k in values})


def _judge(key: str, value: Any, note: Note) -> None:
    """Complain about what is well-formed and makes no sense."""
    for at, row in enumerate(value if key == "limits" else ()):
        kinds = [kind for kind in ("user", "account", "queue") if kind in row]
        if len(kinds) != 1:
            remedy = 'say user, account or queue: user: "*" is each user'
            note("is about nobody, or about several", remedy, f"[{at}]")
        elif len(row) == 1:
            note("limits nothing", "say jobs, cores, memory … of it", f"[{at}]")
        elif "starts_per_minute" in row and "user" not in row:
            remedy = "say user instead"
            note("only users start so many a minute", remedy, f"[{at}].starts_per_minute")
    for name, row in (value if key == "licences" else {}).items():
        if isinstance(row, dict):
            _judge_licence(name, row, note)
    if key == "notify":
        judge_notices(value, note)
    if key == "oidc":
        judge_oidc(value, note)
    if key in ("windows", "reservations"):
        judge_windows(value, note, kept=key == "reservations")


def _judge_licence(name: str, row: Mapping[str, Any], note: Note) -> None:
    probe = row.get("probe", {})
    if "probe" in row and len(probe) != 1:
        note("must say one way", "lmstat, rlmstat, command or url", f".{name}.probe")
    denied = row.get("denied")
    if denied == {}:
        note("says nothing", "say exit_codes or pattern", f".{name}.denied")
    elif denied and "pattern" in denied:
        try:
            re.compile(denied["pattern"])
        except re.error as error:
            told = f"is not a regular expression: {error}"
            note(told, "write for example checkout failed", f".{name}.denied.pattern")
    measures = ("feature", "gives", "every", "timeout", "settle", "when_unknown", "max_age")
    if "probe" not in row:
        for key in measures:
            if key in row:
                note("is of a probe, and there is none", "give probe", f".{name}.{key}")
    elif "gives" in row and not {"command", "url"} & set(probe):
        note("is for a number", "lmstat and rlmstat say all", f".{name}.gives")


def noting(wrong: list[Complaint], key: str, *, tree: Tree, where: str) -> Note:
    """Return what takes complaints about *key* of *tree*, each with its line."""

    def note(problem: str, remedy: str = "", at: str = "") -> None:
        steps: list[str | int] = [key]
        for index, name in re.findall(r"\[(\d+)\]|\.([^.\[]+)", at):
            steps.append(int(index) if index else name)
        spot = None
        while steps and spot is None:
            spot = tree.spots.get(tuple(steps))
            steps.pop()
        wrong.append(Complaint(f"{plain(key)}{at}", problem, remedy, place(where, spot)))

    return note
