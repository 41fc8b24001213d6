"""A job or task of ours as Slurm would tell of it; what the commands print is read off it.

    view of the API (+ what was asked for) ──Row──▶ .job_id "20_3"  .state  .nodes  …

An array is several rows: one for all that waits, one for each task that was placed.
"""

from __future__ import annotations

import time

from rota.core.foreign import fold_hosts, raw_id
from rota.faces.slurm.show import instant
from rota.faces.slurm.states import LIVE, Told, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

GIB = 1 << 30


class Row:
    """See the head of the file.

    Shapes:
        view:    of the job, or of the task
        spec:    what was asked for, {} of another's job
        task:    the index; None for a job without an array, and for what waits of one
        pending: the indexes of what waits, "3-7"; "" of a single one
    """

    def __init__(
        self, view: Mapping[str, Any], spec: Mapping[str, Any], *,
        task: int | None = None, pending: str = "", limit: int | None = None,
    ) -> None:  # fmt: skip
        self.view, self.spec, self.task = view, spec, task
        self.pending, self.limit = pending, limit
        self.is_array = task is not None or bool(pending)
        self.job = int(view["id"])
        self.origin: Mapping[str, str] = spec.get("origin") or {}
        said: Told = told(view)
        self.state, self.reason = said.state, said.reason
        self.code, self.signal = said.code, said.signal
        if pending and self.state not in LIVE:
            self.state, self.reason = "PENDING", "None"

    @property
    def is_live(self) -> bool:
        """Whether it has not ended."""
        return self.state in LIVE

    @property
    def job_id(self) -> str:
        """As users name it: "12", "20_3", "20_[3-7%2]"."""
        if self.pending:
            limit = f"%{self.limit}" if self.limit else ""
            return f"{self.job}_[{self.pending}{limit}]"
        return str(self.job) if self.task is None else f"{self.job}_{self.task}"

    @property
    def raw(self) -> int:
        """The one number of it."""
        last = self.origin.get("array_last", "")
        return raw_id(self.job, self.task, int(last) if last.isdigit() else None)

    @property
    def index(self) -> str:
        """The array index, or what waits of one; "N/A" without an array."""
        if self.pending:
            return self.job_id.partition("_")[2]
        return "N/A" if self.task is None else str(self.task)

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.view.get("name") or "")

    @property
    def user(self) -> str:
        """Whose it is."""
        return str(self.view["user"])

    @property
    def uid(self) -> str:
        """The number of its user, "" when this machine does not know."""
        import pwd

        try:
            return str(pwd.getpwnam(self.user).pw_uid)
        except KeyError:
            return ""

    @property
    def account(self) -> str:
        """Whom it is charged to."""
        return str(self.view.get("account") or self.user)

    @property
    def partition(self) -> str:
        """Its queue."""
        return str(self.view["queue"])

    @property
    def hosts(self) -> list[str]:
        """The nodes it runs on, or ran on."""
        hosts = [str(node["host"]) for node in self.view.get("nodes") or ()]
        if not hosts and (attempts := self.view.get("attempts")):
            hosts = [str(attempts[-1]["node"])]
        return hosts

    @property
    def nodes(self) -> str:
        """Those in bracket form."""
        return fold_hosts(self.hosts)

    @property
    def node_count(self) -> int:
        """On how many nodes it is, or asks for."""
        if self.hosts:
            return len(self.hosts)
        request = self.view["request"]
        return int(request.get("n") or 1) if request["mode"] == "bynode" else 1

    @property
    def cpus(self) -> int:
        """Cores it has, or asks for."""
        held = sum(len(node.get("cores") or ()) for node in self.view.get("nodes") or ())
        return held or max(1, int(self.view["request"]["cores"]))

    @property
    def ntasks(self) -> int:
        """Tasks in Slurm's sense."""
        text = self.origin.get("ntasks", "")
        return int(text) if text.isdigit() else 1

    @property
    def cpus_per_task(self) -> int:
        """Cores of each of those."""
        text = self.origin.get("cpus_per_task", "")
        return int(text) if text.isdigit() else self.cpus

    @property
    def memory(self) -> int:
        """Bytes on each node."""
        return int(self.view["request"]["memory"]) // max(1, self.node_count)

    @property
    def gres(self) -> str:
        """Devices: "gres:gpu:2", or N/A."""
        gpus = int(self.view["request"]["gpus"])
        return f"gres:gpu:{gpus}" if gpus else "N/A"

    @property
    def tres(self) -> str:
        """All it counts: "cpu=2,mem=50M,node=1,billing=2"."""
        from rota.faces.slurm.show import megabytes

        request, parts = self.view["request"], [f"cpu={self.cpus}"]
        if request["memory"]:
            parts.append(f"mem={megabytes(int(request['memory']))}")
        parts += [f"node={self.node_count}", f"billing={self.cpus}"]
        return ",".join(
            parts + ([f"gres/gpu={request['gpus']}"] if request["gpus"] else [])
        )

    @property
    def limit_s(self) -> float | None:
        """Its time limit, None without one."""
        limit = self.view["request"]["time"]
        return None if limit is None else float(limit)

    @property
    def submitted(self) -> float | None:
        """When it was handed in."""
        return instant(self.view.get("submitted_at"))

    @property
    def started(self) -> float | None:
        """When it started; of what waits, when it may at the earliest, if that is said."""
        if self.state == "PENDING":
            return (
                instant(self.view.get("begin_at")) if self.reason == "BeginTime" else None
            )
        return instant(self.view.get("started_at"))

    @property
    def ended(self) -> float | None:
        """When it ended."""
        return None if self.is_live else instant(self.view.get("ended_at"))

    @property
    def due(self) -> float | None:
        """When it ended, or has to end at the latest."""
        if not self.is_live:
            return self.ended
        started, limit = self.started, self.limit_s
        return None if started is None or limit is None else started + limit

    @property
    def elapsed(self) -> float:
        """Seconds it has run."""
        started = instant(self.view.get("started_at"))
        if started is None or self.state == "PENDING":
            return 0.0
        return max(0.0, (self.ended or time.time()) - started)

    @property
    def exit(self) -> str:
        """How it ended, "code:signal"."""
        return f"{self.code}:{self.signal}"

    @property
    def comment(self) -> str:
        """What --comment said."""
        return str(self.view.get("info") or "")

    @property
    def folder(self) -> str:
        """Where it works."""
        return str(self.spec.get("cwd") or "")

    @property
    def command(self) -> str:
        """The script, or (null)."""
        return self.origin.get("command", "(null)")

    def path(self, which: str) -> str:
        """Return where its "output" or "error" goes, as far as that is known now."""
        text = self.spec.get(which) or self.spec.get("output")
        if not text:
            return "/dev/null"
        import os

        from rota.core.template import fill

        facts = {"job": str(self.job), "name": self.name, "user": self.user}
        facts["attempt"] = str(self.view.get("attempt") or 1)
        if not self.pending:
            facts.update(raw=str(self.raw), task=str(self.task or 0))
        if self.hosts:
            facts["node"] = self.hosts[0].partition(".")[0]
        return os.path.normpath(os.path.join(self.folder, fill(str(text), facts)))
