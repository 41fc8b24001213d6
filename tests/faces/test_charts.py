"""A report of usage as a page."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from rota.faces.charts import LABELS_MAX, NAMES_MAX, write_page

EVIL = "<script>alert(1)</script>"


def pictures(path: Path) -> list[ElementTree.Element]:
    """Return the pictures of the page at *path*."""
    text = path.read_text(encoding="utf-8")
    return [
        ElementTree.fromstring("<svg" + part.partition("</svg>")[0] + "</svg>")
        for part in text.split("<svg")[1:]
    ]


def row(core_s: float, **names: str) -> dict[str, object]:
    """Return a row of a report."""
    return {**names, "attempts": 1, "started": 1, "core_s": core_s, "cpu_s": core_s / 2,
            "wait_s": 60, "run_s": 120}  # fmt: skip


def test_by_month_the_largest_have_colours(tmp_path: Path) -> None:
    """And the rest is one; names are only text."""
    users = [EVIL, *(f"u{n}" for n in range(NAMES_MAX + 2))]
    rows = [
        row(3600.0 * (9 - n), month=month, user=user)
        for month in ("2026-01", "2026-02")
        for n, user in enumerate(users)
    ]
    write_page(rows, str(tmp_path / "r.html"), by=["month", "user"], title="t")
    hours, waits, used = pictures(tmp_path / "r.html")

    assert EVIL not in (tmp_path / "r.html").read_text()
    assert len(list(hours.iter("rect"))) == 2 * (NAMES_MAX + 1)
    assert f"■ {EVIL}" in "".join(hours.itertext())
    assert len(list(waits.iter("rect"))) == 2 * len(rows)
    assert len(list(used.iter("rect"))) == len(rows), "only processors were measured"


def test_without_a_time_the_largest_stand_side_by_side(tmp_path: Path) -> None:
    """As many as can be read; the table has all."""
    rows = [row(100.0 - n, user=f"u{n:02}") for n in range(LABELS_MAX + 5)]
    write_page(rows, str(tmp_path / "r.html"), by=["user"], title="t")

    assert len(list(pictures(tmp_path / "r.html")[0].iter("rect"))) == LABELS_MAX
    assert (tmp_path / "r.html").read_text().count("<tr>") == LABELS_MAX + 6


def test_nothing_is_a_page_too(tmp_path: Path) -> None:
    """An empty table, and no picture of nothing."""
    write_page([], str(tmp_path / "r.html"), by=["user"], title="t")
    assert pictures(tmp_path / "r.html") == []
