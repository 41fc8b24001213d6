"""PSI/J's executor "rota": ``JobExecutor.get_instance("rota")`` runs jobs on our queue.

It is PSI/J's own executor for Slurm with our commands in place of Slurm's, found by the
interpreter it runs in: no shims have to be in PATH.
"""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any

from psij.executors.batch.slurm import SlurmExecutorConfig, SlurmJobExecutor

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_CODE = (
    "import sys; from rota.faces.foreign import process; process('slurm', sys.argv.pop(1))"
)
_OURS = [sys.executable, "-c", _CODE]


class RotaJobExecutor(SlurmJobExecutor):  # type: ignore[misc]  # psij brings no types
    """See the head of the file; attributes of jobs are those of PSI/J's ``slurm``."""

    def __init__(self, url: str | None = None, config: Any = None) -> None:
        super().__init__(url=url, config=config or SlurmExecutorConfig())

    def generate_submit_script(
        self, job: Any, context: dict[str, Any], submit_file: IO[str]
    ) -> None:
        """Write the script; custom attributes ``rota.NAME`` are options of sbatch."""
        attributes = dict(context.get("custom_attributes") or {})
        ours = attributes.pop("rota", [])
        if ours:
            attributes["slurm"] = [*attributes.get("slurm", []), *ours]
        told = {**context, "custom_attributes": attributes}
        super().generate_submit_script(job, told, submit_file)

    def get_submit_command(self, job: Any, submit_file_path: Path) -> list[str]:
        """Return the command that hands in a job."""
        return [*_OURS, *super().get_submit_command(job, submit_file_path)]

    def get_cancel_command(self, native_id: str) -> list[str]:
        """Return the command that ends a job."""
        return [*_OURS, *super().get_cancel_command(native_id)]

    def get_status_command(self, native_ids: Collection[str]) -> list[str]:
        """Return the command that tells how jobs are."""
        return [*_OURS, *super().get_status_command(native_ids)]

    def get_list_command(self) -> list[str]:
        """Return the command that lists one's own jobs."""
        return [*_OURS, *super().get_list_command()]
