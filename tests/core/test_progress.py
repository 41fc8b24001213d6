"""Which values of ``progress`` name a status file."""

from __future__ import annotations

from rota.core.progress import STATUS_FILE


def test_names_of_status_files() -> None:
    """With the total time of the analysis behind it, or without."""
    found = STATUS_FILE.fullmatch("job-*.sta 12.5")
    assert found is not None and found.groups() == ("job-*.sta", "12.5")
    for text in ("a/b.sta", r"(\d+).sta", "x.dat", ".sta x", "x.sta 1 2"):
        assert STATUS_FILE.fullmatch(text) is None, text
