"""The fields of sacct: all 109 that it has, with their widths; what we do not know is "".

A job has a line for itself and one for its ``.batch`` step, which is the script.
"""

from __future__ import annotations

from rota.faces.slurm import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from rota.faces.slurm.rows import Row

DEFAULT = "JobID,JobName,Partition,Account,AllocCPUS,State,ExitCode"
SSTAT = (
    "JobID,MaxVMSize,MaxVMSizeNode,MaxVMSizeTask,AveVMSize,MaxRSS,MaxRSSNode,MaxRSSTask,"
    "AveRSS,MaxPages,MaxPagesNode,MaxPagesTask,AvePages,MinCPU,MinCPUNode,MinCPUTask,AveCPU,"
    "NTasks,AveCPUFreq,ReqCPUFreqMin,ReqCPUFreqMax,ReqCPUFreqGov,ConsumedEnergy,MaxDiskRead,"
    "MaxDiskReadNode,MaxDiskReadTask,AveDiskRead,MaxDiskWrite,MaxDiskWriteNode,"
    "MaxDiskWriteTask,AveDiskWrite"
)


class Line:
    """One line of sacct: a job, or a step of it when *step* is given."""

    __slots__ = ("row", "step")

    def __init__(self, row: Row, step: str = "") -> None:
        self.row, self.step = row, step

    def of(self, field: str) -> str:
        """Return what stands in *field*."""
        _, made, on = FIELDS[field]
        if made is None or (self.step and on == "job") or (not self.step and on == "step"):
            return ""
        return made(self)

    @property
    def used(self) -> dict[str, float]:
        """What it used, as far as that was measured."""
        return dict(self.row.view.get("usage") or {})


def _id(line: Line) -> str:
    return line.row.job_id + (f".{line.step}" if line.step else "")


def _raw(line: Line) -> str:
    return str(line.row.raw) + (f".{line.step}" if line.step else "")


def _state(line: Line) -> str:
    state = line.row.state
    if state == "COMPLETING":
        return "RUNNING"
    if line.step:
        return "CANCELLED" if state in ("TIMEOUT", "CANCELLED") else state
    if state != "CANCELLED":
        return state
    reason = line.row.view.get("reason") or {}
    who = str((reason.get("evidence") or {}).get("who") or line.row.user)
    return f"CANCELLED by {_uid(who)}"


def _uid(user: str) -> str:
    import pwd

    try:
        return str(pwd.getpwnam(user).pw_uid)
    except KeyError:
        return "0"


def _exit(line: Line) -> str:
    row = line.row
    if not line.step:
        return row.exit
    return "0:15" if row.state in ("TIMEOUT", "CANCELLED") else row.exit


def _seconds(line: Line, share: str) -> str:
    used = line.used.get(share)
    if used is None:
        return "00:00:00"
    whole, milli = divmod(round(used * 1000), 1000)
    hours, rest = divmod(whole, 3600)
    if hours:
        return show.clock(whole)
    return f"{rest // 60:02d}:{rest % 60:02d}.{milli:03d}"


def _nodes(line: Line) -> str:
    return line.row.nodes or "None assigned"


def _start(line: Line) -> str:
    row = line.row
    if row.state == "PENDING":
        return "Unknown"
    return show.moment(row.started, "None" if not row.is_live else "Unknown")


def _limit(line: Line) -> str:
    return show.clock(line.row.limit_s)


def _limit_raw(line: Line) -> str:
    limit = line.row.limit_s
    return "" if limit is None else str(int(limit // 60))


def _memory(line: Line) -> str:
    memory = int(line.row.view["request"]["memory"])
    return show.megabytes(memory) if memory else "0"


def _allocated(line: Line) -> str:
    row = line.row
    return row.tres if row.hosts else ""


def _cpu_time(line: Line) -> int:
    return int(line.row.elapsed * line.row.cpus)


def _rss(line: Line) -> str:
    size = line.used.get("max_rss")
    return show.kilobytes(None if size is None else int(size))


def _bytes(name: str) -> Callable[[Line], str]:
    def shown(line: Line) -> str:
        size = line.used.get(name)
        return "" if size is None else f"{size / (1 << 20):.2f}M"

    return shown


def _node(line: Line) -> str:
    return line.row.hosts[0] if line.row.hosts else ""


_JOB: dict[str, tuple[int, Callable[[Line], str] | None]] = {
    "Comment": (14, lambda o: o.row.comment),
    "AllocNodes": (10, lambda o: str(o.row.node_count) if o.row.hosts else "0"),
    "Cluster": (10, lambda o: "rota"), "DBIndex": (10, lambda o: str(o.row.job)),
    "DerivedExitCode": (15, lambda o: "0:0"), "Flags": (20, lambda o: "SchedMain"),
    "Eligible": (19, lambda o: show.moment(o.row.submitted)),
    "Partition": (10, lambda o: o.row.partition), "UID": (6, lambda o: o.row.uid),
    "User": (9, lambda o: o.row.user), "Group": (9, lambda o: o.row.user),
    "Priority": (10, lambda o: str(10_000 + int(o.row.view["priority"]))),
    "QOS": (10, lambda o: o.row.origin.get("qos", "normal")), "QOSRAW": (10, lambda o: "1"),
    "Reason": (22, lambda o: o.row.reason), "ReqMem": (10, _memory),
    "ReqNodes": (8, lambda o: str(o.row.node_count)), "ReqTRES": (10, lambda o: o.row.tres),
    "SubmitLine": (20, lambda o: o.row.origin.get("submit_line", "")),
    "Timelimit": (10, _limit), "TimelimitRaw": (12, _limit_raw),
    "WorkDir": (20, lambda o: o.row.folder),
    "Constraints": (20, lambda o: " & ".join(o.row.view["request"]["require"])),
}  # fmt: skip
_BOTH: dict[str, tuple[int, Callable[[Line], str] | None]] = {
    "Account": (10, lambda o: o.row.account),
    "AllocCPUS": (10, lambda o: str(o.row.cpus) if o.row.hosts else "0"),
    "AllocTRES": (10, _allocated), "CPUTime": (10, lambda o: show.clock(_cpu_time(o))),
    "CPUTimeRAW": (10, lambda o: str(_cpu_time(o))),
    "Elapsed": (10, lambda o: show.clock(o.row.elapsed)),
    "ElapsedRaw": (10, lambda o: str(int(o.row.elapsed))),
    "End": (19, lambda o: show.moment(o.row.ended, "Unknown")), "ExitCode": (8, _exit),
    "JobID": (12, _id), "JobIDRaw": (12, _raw),
    "JobName": (10, lambda o: o.step or o.row.name),
    "NCPUS": (10, lambda o: str(o.row.cpus)),
    "NNodes": (8, lambda o: str(o.row.node_count)),
    "NodeList": (15, _nodes), "ReqCPUS": (8, lambda o: str(o.row.cpus)),
    "Start": (19, _start), "State": (10, _state),
    "Submit": (19, lambda o: show.moment(o.row.submitted)),
    "Suspended": (10, lambda o: "00:00:00"),
    "SystemCPU": (10, lambda o: _seconds(o, "system_s")),
    "TotalCPU": (10, lambda o: _seconds(o, "cpu_s")),
    "UserCPU": (10, lambda o: _seconds(o, "user_s")),
}  # fmt: skip
_STEP: dict[str, tuple[int, Callable[[Line], str] | None]] = {
    "AveCPU": (10, lambda o: show.clock(o.used.get("cpu_s", 0.0))), "AveRSS": (10, _rss),
    "AveDiskRead": (14, _bytes("read_bytes")),
    "AveDiskWrite": (14, _bytes("written_bytes")),
    "MaxDiskRead": (12, _bytes("read_bytes")),
    "MaxDiskWrite": (12, _bytes("written_bytes")),
    "MaxRSS": (10, _rss), "MaxRSSNode": (10, _node), "MaxRSSTask": (10, lambda o: "0"),
    "MinCPU": (10, lambda o: show.clock(o.used.get("cpu_s", 0.0))),
    "MinCPUNode": (10, _node), "MinCPUTask": (10, lambda o: "0"),
    "NTasks": (8, lambda o: "1"),
}  # fmt: skip
_EMPTY = [
    "AdminComment",
    "AssocID",
    "AveCPUFreq",
    "AvePages",
    "AveVMSize",
    "BlockID",
    "ConsumedEnergy",
    "ConsumedEnergyRaw",
    "Container",
    "GID",
    "JobName",
    "Layout",
    "MaxDiskReadNode",
    "MaxDiskReadTask",
    "MaxDiskWriteNode",
    "MaxDiskWriteTask",
    "MaxPages",
    "MaxPagesNode",
    "MaxPagesTask",
    "MaxVMSize",
    "MaxVMSizeNode",
    "MaxVMSizeTask",
    "McsLabel",
    "ReqCPUFreq",
    "ReqCPUFreqGov",
    "ReqCPUFreqMax",
    "ReqCPUFreqMin",
    "Reservation",
    "ReservationId",
    "Reserved",
    "ResvCPU",
    "ResvCPURAW",
    "SystemComment",
    "TRESUsageInAve",
    "TRESUsageInMax",
    "TRESUsageInMaxNode",
    "TRESUsageInMaxTask",
    "TRESUsageInMin",
    "TRESUsageInMinNode",
    "TRESUsageInMinTask",
    "TRESUsageInTot",
    "TRESUsageOutAve",
    "TRESUsageOutMax",
    "TRESUsageOutMaxNode",
    "TRESUsageOutMaxTask",
    "TRESUsageOutMin",
    "TRESUsageOutMinNode",
    "TRESUsageOutMinTask",
    "TRESUsageOutTot",
    "WCKey",
    "WCKeyID",
]

FIELDS: dict[str, tuple[int, Callable[[Line], str] | None, str]] = {
    **dict.fromkeys(_EMPTY, (10, None, "job")),
    **{name: (*row, "job") for name, row in _JOB.items()},
    **{name: (*row, "both") for name, row in _BOTH.items()},
    **{name: (*row, "step") for name, row in _STEP.items()},
}
"""{field: (width, what stands there, in which lines)}."""

_LOWER = {name.lower(): name for name in FIELDS}


def known(name: str) -> str | None:
    """Return the field that *name* means, in any case, or an abbreviation; None: none."""
    word = name.strip().lower()
    if word in _LOWER:
        return _LOWER[word]
    near = [field for lower, field in _LOWER.items() if word and lower.startswith(word)]
    return near[0] if near else None
