"""What was used over time as CSV, in the columns of another system's log."""

from __future__ import annotations

from rota.faces.series import COLUMNS, csv_of

VIEW = {
    "id": 12, "task": 7, "request": {"cores": 4, "memory": 2_000_000_000},
    "attempts": [{"node": "n1", "started_at": "2026-05-01T12:00:00.000Z"}],
}  # fmt: skip


def sample(at: str, cpu_s: float, rss: int) -> dict[str, object]:
    """One measurement."""
    return {"at": f"2026-05-01T12:00:{at}.000Z", "cpu_s": cpu_s, "rss": rss}


def test_a_line_for_each_measurement() -> None:
    """The load is of the time since the one before; what nobody knows is empty."""
    head, first, second = csv_of(
        VIEW, [sample("05", 1.0, 500_000_000), sample("15", 21.0, 1_000_000_000)]
    )

    assert head.split(",") == list(COLUMNS) and len(COLUMNS) == 26
    one, two = (
        dict(zip(COLUMNS, line.split(","), strict=True)) for line in (first, second)
    )
    assert (one["cpu_load"], two["cpu_load"]) == ("", "200.0")
    assert (two["end_date"], two["host_name"]) == ("2026-05-01 12:00:15", "n1")
    assert (two["rmem_usage"], two["perc_mem_used"]) == ("1000.0", "50.0")
    assert (two["run_time"], two["task_id"], two["ret_msg"]) == ("15", "12[7]", "hb")
    assert one["slurm_jobid"] == ""
