"""What an attempt used over time, as CSV: a line for each measurement.

The columns are those of the JAWS Task Manager's resource log, in its order, so that what
reads those reads these; what Rota does not know of is empty.
"""

from __future__ import annotations

from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

COLUMNS = (
    "child_pid", "clone_time_rate", "cpu_load", "end_date", "host_name", "ip_address",
    "job_time", "life_left", "mem_per_core", "mem_per_node", "num_cores", "num_tasks",
    "num_workers_on_node", "perc_mem_used", "pool_name", "ret_msg", "rmem_usage",
    "root_pid", "run_time", "slurm_jobid", "task_id", "vmem_usage", "worker_id",
    "worker_type", "jtm_host_name", "nwpn",
)  # fmt: skip

MB = 1_000_000


def csv_of(view: Mapping[str, Any], samples: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of *samples* of the latest attempt of the job or task in *view*."""
    from rota.faces.cells import label

    yield ",".join(COLUMNS)
    attempts = view.get("attempts") or [{}]
    host, began = attempts[-1].get("node") or "", attempts[-1].get("started_at")
    cores, asked = view["request"]["cores"], view["request"].get("memory") or 0
    for before, sample in pairwise([None, *samples]):
        assert sample is not None, "only the first of a pair may be no sample"
        row = dict.fromkeys(COLUMNS, "")
        row.update(
            cpu_load=_load(before, sample),
            end_date=_day(sample["at"]),
            host_name=str(host),
            mem_per_node=str(asked or ""),
            num_cores=str(cores),
            perc_mem_used=f"{100 * sample['rss'] / asked:.1f}" if asked else "",
            ret_msg="hb",
            rmem_usage=f"{sample['rss'] / MB:.1f}",
            run_time=_since(began, sample["at"]),
            task_id=label(view),
        )
        yield ",".join(row.values())


def _load(before: Mapping[str, Any] | None, sample: Mapping[str, Any]) -> str:
    if before is None:
        return ""
    passed = _ms(sample["at"]) - _ms(before["at"])
    used = (sample["cpu_s"] - before["cpu_s"]) * 1000
    return f"{100 * max(0.0, used) / passed:.1f}" if passed > 0 else ""


def _since(began: str | None, at: str) -> str:
    return "" if began is None else str(max(0, _ms(at) - _ms(began)) // 1000)


def _day(at: str) -> str:
    return at[:19].replace("T", " ")


def _ms(at: str) -> int:
    from rota.faces.moments import ms_of

    return ms_of(at) or 0
