"""Windows of time on nodes: maintenance and reservations, in a file and set live.

windows:      [{name: cooling, nodes: [n1], start: 2026-05-01T18:00Z, end: …}]
reservations: [{name: course, count: 2, labels: [gen4], users: [ann], start: …, end: …}]

rota reservation add course --count 2 --labels gen4 --users ann --start … --duration 4h
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rota.core.errors import Complaint, Malformed
from rota.core.fields import Kind, forms
from rota.core.fields.groups import Keys, ListOf
from rota.core.fields.kinds import Duration, Flag, Note, Whole
from rota.core.fields.telling import quoted


class Instant(Kind):
    """An instant: date, time and zone."""

    shape = "an instant such as 2026-05-01T18:00+02:00"
    literal = True
    _FORM = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")

    def read(self, value: Any, note: Note) -> Any:
        if type(value) is str and self._FORM.fullmatch(value):
            try:
                found = datetime.fromisoformat(value).astimezone(UTC)
            except (ValueError, OverflowError):
                note(f"{quoted(value)} is no date there is")
                return value
            return round(found.timestamp() * 1000)
        note(f"must be {self.shape}, not {quoted(value)}", "say the zone too, Z is UTC")
        return value


_NODES = ListOf(forms.WORD, most=100_000)
_WHERE: dict[str, Kind] = {
    "nodes": _NODES,
    "count": Whole(1, 100_000),
    "cores": Whole(1, forms.AMOUNT_MAX),
    "labels": forms.LABELS,
}
_WHO: dict[str, Kind] = {"users": forms.WORDS, "accounts": forms.WORDS}
_SPAN: dict[str, Kind] = {"start": Instant(), "end": Instant()}
WINDOW = Keys(("start", "end"), name=forms.LINE, **_SPAN, nodes=_NODES)
RESERVATION = Keys(("name", "start", "end"), name=forms.WORD, **_SPAN, **_WHERE, **_WHO)
LIVE = Keys(
    ("name",), name=forms.WORD, **_SPAN, duration=Duration(), maintenance=Flag(),
    **_WHERE, **_WHO,
)  # fmt: skip
"""What a file says of one, and what ``rota reservation add`` does."""


def judge_windows(rows: Sequence[Mapping[str, Any]], note: Note, *, kept: bool) -> None:
    """Complain about well-formed *rows* that make no sense; *kept*: for somebody."""
    for at, row in enumerate(rows):
        for problem, remedy, key in _against(row, kept=kept):
            note(problem, remedy, f"[{at}]{'.' if key else ''}{key}")
        if kept and row["name"] in [r["name"] for r in rows[:at]]:
            note("has a name twice", "one name, one reservation", f"[{at}].name")


def read_live(said: Mapping[str, Any], *, at: int) -> dict[str, Any]:
    """Return what *said* of one that is set live stands for, as of a file; it may be short.

    Shapes:
        said: keys of ``LIVE``: without start it begins at *at*; duration in place of end

    Raises:
        Malformed: its complaints name each key that is wrong.
    """
    wrong: list[Complaint] = []

    def note(problem: str, remedy: str = "", key: str = "") -> None:
        wrong.append(Complaint(key.removeprefix("."), problem, remedy))

    values = LIVE.read(dict(said), note)
    if not wrong:
        _settle_span(values, note, at=at)
    if not wrong:
        kept = not values.get("maintenance")
        for problem, remedy, key in _against(values, kept=kept):
            note(problem, remedy, key)
        if values["end"] <= at:
            note("is over already", "say a later one", "end")
        for key in () if kept else sorted({"users", "accounts"} & set(values)):
            note("nobody runs in maintenance", "leave it out", key)
    if wrong:
        raise Malformed(complaints=wrong)
    return dict(values)


def _settle_span(values: dict[str, Any], note: Note, *, at: int) -> None:
    values.setdefault("start", at)
    if ("end" in values) == ("duration" in values):
        note("it must end at some time, said once", "say end or duration", "end")
    elif "duration" in values:
        values["end"] = values["start"] + values.pop("duration")


def _against(row: Mapping[str, Any], *, kept: bool) -> list[tuple[str, str, str]]:
    """Return (problem, remedy, key) of all that makes no sense in one row."""
    found: list[tuple[str, str, str]] = []
    if row["end"] <= row["start"]:
        found.append(("ends before it starts", "say a later end", "end"))
    if kept and not row.get("users") and not row.get("accounts"):
        found.append(("is for nobody", "say users or accounts", ""))
    if len({"nodes", "count", "cores"} & set(row)) > 1:
        found.append(("is said in two ways", "say nodes, count or cores", ""))
    elif "labels" in row and not {"count", "cores"} & set(row):
        found.append(("is of count or cores", "say how many", "labels"))
    return found
