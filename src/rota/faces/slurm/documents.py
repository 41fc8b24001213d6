"""Jobs as Slurm's ``--json`` has them, in its names; what we do not know is left out."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.faces.slurm.rows import Row


def job_document(row: Row) -> dict[str, Any]:
    """Return *row* as an object."""
    return {
        "account": row.account,
        "array_job_id": row.job if row.is_array else 0,
        "array_task_id": row.task,
        "array_task_string": row.pending,
        "batch_host": row.hosts[0] if row.hosts else "",
        "command": row.command,
        "comment": row.comment,
        "cpus": row.cpus,
        "current_working_directory": row.folder,
        "end_time": int(row.due or 0),
        "exit_code": row.code << 8 | row.signal,
        "job_id": row.raw,
        "job_state": row.state,
        "name": row.name,
        "nodes": row.nodes,
        "node_count": row.node_count,
        "partition": row.partition,
        "priority": row.view["priority"],
        "standard_error": row.path("error"),
        "standard_output": row.path("output"),
        "start_time": int(row.started or 0),
        "state_reason": row.reason,
        "submit_time": int(row.submitted or 0),
        "tasks": row.ntasks,
        "time_limit": None if row.limit_s is None else int(row.limit_s // 60),
        "user_name": row.user,
    }
