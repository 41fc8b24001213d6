"""The columns of squeue: ``-o "%.18i %j"`` by codes, ``-O JobID:8,Name`` by names.

%.10i   right justified and cut        %10i   left        %i   as long as it is
"""

from __future__ import annotations

import re

from rota.faces.slurm import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rota.faces.slurm.rows import Row

STANDARD = "%.18i %.9P %.8j %.8u %.2t %.10M %.6D %R"
LONG = "%.18i %.9P %.8j %.8u %.8T %.10M %.9l %.6D %R"
START = "%.18i %.9P %.8j %.8u %.2t %.19S %.6D %20Y %R"
STEPS = "%.15i.batch %.8j %.9P %.8u %.9M %N"
_CODE = re.compile(r"%(\.?)(\d*)([A-Za-z])")
_WIDE = 20


def _reason(row: Row) -> str:
    if row.nodes and row.state not in ("PENDING", "FAILED"):
        return row.nodes
    return f"({row.reason})"


def _compact(row: Row) -> str:
    from rota.faces.slurm.states import COMPACT

    return COMPACT[row.state]


def _left(row: Row) -> str:
    if row.limit_s is None:
        return "UNLIMITED"
    return show.span(max(0.0, row.limit_s - row.elapsed))


def _priority(row: Row) -> str:
    held = row.reason in ("JobHeldUser", "JobHeldAdmin")
    return "0" if held else str(10_000 + int(row.view["priority"]))


def _depends(row: Row) -> str:
    after = row.view.get("after") or ()
    if row.state != "PENDING" or not after:
        return "(null)"
    never = "failed" if row.reason == "DependencyNeverSatisfied" else "unfulfilled"
    return ",".join(
        f"{_SLURMS[a.partition(':')[0]]}:{a.partition(':')[2]}({never})" for a in after
    )


_SLURMS = {"ok": "afterok", "any": "afterany", "notok": "afternotok", "start": "after"}
_NULL: Callable[[Row], str] = lambda row: "(null)"  # noqa: E731
_STAR: Callable[[Row], str] = lambda row: "*"  # noqa: E731

CODES: dict[str, tuple[str, Callable[[Row], str]]] = {
    # code: (heading, what stands there)
    "i": ("JOBID", lambda r: r.job_id), "A": ("JOBID", lambda r: str(r.raw)),
    "F": ("ARRAY_JOB_ID", lambda r: str(r.job)), "K": ("ARRAY_TASK_ID", lambda r: r.index),
    "j": ("NAME", lambda r: r.name), "u": ("USER", lambda r: r.user),
    "U": ("UID", lambda r: r.uid), "t": ("ST", _compact), "T": ("STATE", lambda r: r.state),
    "M": ("TIME", lambda r: show.span(r.elapsed)),
    "l": ("TIME_LIMIT", lambda r: show.span(r.limit_s)), "L": ("TIME_LEFT", _left),
    "D": ("NODES", lambda r: str(r.node_count)), "C": ("CPUS", lambda r: str(r.cpus)),
    "m": ("MIN_MEMORY", lambda r: show.megabytes(r.memory) if r.memory else "0"),
    "b": ("TRES_PER_NODE", lambda r: r.gres), "r": ("REASON", lambda r: r.reason),
    "R": ("NODELIST(REASON)", _reason), "N": ("NODELIST", lambda r: r.nodes),
    "B": ("EXEC_HOST", lambda r: r.hosts[0] if r.hosts else "n/a"),
    "P": ("PARTITION", lambda r: r.partition),
    "S": ("START_TIME", lambda r: show.moment(r.started)),
    "e": ("END_TIME", lambda r: show.moment(r.due)),
    "V": ("SUBMIT_TIME", lambda r: show.moment(r.submitted)),
    "Z": ("WORK_DIR", lambda r: r.folder),
    "k": ("COMMENT", lambda r: r.comment or "(null)"),
    "a": ("ACCOUNT", lambda r: r.account),
    "q": ("QOS", lambda r: r.origin.get("qos", "normal")), "Q": ("PRIORITY", _priority),
    "p": ("PRIORITY", lambda r: f"{int(_priority(r)) / 2**32:.14f}"),
    "E": ("DEPENDENCY", _depends),
    "o": ("COMMAND", lambda r: r.command), "h": ("OVER_SUBSCRIBE", lambda r: "OK"),
    "c": ("MIN_CPUS", lambda r: "1"), "d": ("MIN_TMP_DISK", lambda r: "0"),
    "f": ("FEATURES", lambda r: " & ".join(r.view["request"]["require"]) or "(null)"),
    "g": ("GROUP", lambda r: r.user),
    "n": ("REQ_NODES", lambda r: str(r.view["request"]["host"] or "")),
    "v": ("RESERVATION", _NULL), "x": ("EXC_NODES", _NULL),
    "z": ("S:C:T", lambda r: "*:*:*"),
    "H": ("SOCKETS_PER_NODE", _STAR), "I": ("CORES_PER_SOCKET", _STAR),
    "J": ("THREADS_PER_CORE", _STAR), "X": ("CORE_SPEC", lambda r: "N/A"),
    "Y": ("SCHEDNODES", _NULL), "y": ("NICE", lambda r: str(-int(r.view["priority"]))),
    "s": ("SELECT_JOBINFO", lambda r: ""), "w": ("WCKEY", _NULL),
    "G": ("GROUP", lambda r: ""),
    "O": ("CONTIGUOUS", lambda r: "0"), "W": ("LICENSES", _NULL),
}  # fmt: skip

NAMES: dict[str, tuple[str, Callable[[Row], str]]] = {
    **{
        name: CODES[code]
        for name, code in (
            ("jobarrayid", "i"), ("arrayjobid", "F"), ("arraytaskid", "K"), ("name", "j"),
            ("username", "u"), ("userid", "U"), ("statecompact", "t"), ("state", "T"),
            ("timeused", "M"), ("timelimit", "l"), ("timeleft", "L"), ("numnodes", "D"),
            ("numcpus", "C"), ("minmemory", "m"), ("tres-per-node", "b"), ("reason", "r"),
            ("reasonlist", "R"), ("nodelist", "N"), ("batchhost", "B"), ("partition", "P"),
            ("starttime", "S"), ("endtime", "e"), ("submittime", "V"), ("workdir", "Z"),
            ("comment", "k"), ("account", "a"), ("qos", "q"), ("prioritylong", "Q"),
            ("priority", "p"), ("dependency", "E"), ("command", "o"), ("feature", "f"),
            ("gres", "b"), ("nice", "y"), ("groupname", "g"), ("reqnodes", "n"),
        )
    },
    "jobid": ("JOBID", lambda r: str(r.raw)),
    "numtasks": ("TASKS", lambda r: str(r.ntasks)),
    "stdout": ("STDOUT", lambda r: r.path("output")),
    "stderr": ("STDERR", lambda r: r.path("error")),
    "stdin": ("STDIN", lambda r: str(r.spec.get("stdin") or "/dev/null")),
    "exit_code": ("EXIT_CODE", lambda r: str(r.code or r.signal)),
    "tres-alloc": ("TRES_ALLOC", lambda r: r.tres),
    "tres": ("TRES", lambda r: r.tres),
    "restartcnt": ("RESTART_COUNT", lambda r: str(max(0, int(r.view["attempt"] or 1) - 1))),
    "requeue": ("REQUEUE", lambda r: str(int(bool(r.view["restartable"])))),
    "eligibletime": ("ELIGIBLE_TIME", lambda r: show.moment(r.submitted)),
}  # fmt: skip


class Column:
    """One column: its heading, what stands there, its width, and what follows it."""

    __slots__ = ("heading", "of", "right", "tail", "width")

    def __init__(
        self, row: tuple[str, Callable[[Row], str]], width: int | None, *, right: bool
    ) -> None:
        self.heading, self.of = row
        self.width, self.right, self.tail = width, right, ""


class Format:
    """Columns, with what stands before the first."""

    def __init__(self, columns: Sequence[Column], head: str = "") -> None:
        self.columns, self.head = columns, head

    def header(self) -> str:
        """Return the line of headings."""
        return self._line([column.heading for column in self.columns])

    def line(self, row: Row) -> str:
        """Return the line of *row*."""
        return self._line([column.of(row) for column in self.columns])

    def _line(self, texts: Sequence[str]) -> str:
        cells = [
            show.cell(text, c.width, right=c.right) + c.tail
            for c, text in zip(self.columns, texts, strict=True)
        ]
        return self.head + "".join(cells)


def by_codes(text: str) -> Format:
    """Return the format "%.18i %j" asks for; unknown codes stand there as they are."""
    columns: list[Column] = []
    head, at = "", 0
    for found in _CODE.finditer(text):
        if found[3] not in CODES:
            continue
        before = text[at : found.start()]
        if columns:
            columns[-1].tail = before
        else:
            head = before
        width = int(found[2]) if found[2] else None
        columns.append(Column(CODES[found[3]], width, right=bool(found[1])))
        at = found.end()
    if columns:
        columns[-1].tail = text[at:]
    return Format(columns, head if columns else text)


def by_names(text: str) -> Format:
    """Return the format "JobID:8,Name:.12" asks for.

    Raises:
        ValueError: there is no such field.
    """
    columns = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _, width = part.partition(":")
        if name.lower() not in NAMES:
            raise ValueError(f"Invalid job format specification: {name}")
        digits = width.lstrip(".")
        wide = int(digits) if digits.isdigit() else _WIDE
        columns.append(Column(NAMES[name.lower()], wide, right=width.startswith(".")))
    return Format(columns)
