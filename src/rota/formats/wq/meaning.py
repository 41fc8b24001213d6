"""What the fields of a job of wq become: keys of a job file, and notices.

mode N host group not_group min_cores min_mem threads   → the same words of ours
hostfile, %hostfile%, %threads%                         → $ROTA_HOSTFILE, the number
priority block high med low                             → the same words

wq looked at fields of other modes than the job's own only to ignore them; so do we, and
say so.
"""

from __future__ import annotations

import shlex

from rota.core.errors import Complaint, Malformed
from rota.core.fields.check import Notes, check
from rota.core.fields.telling import plain, quoted, suggest
from rota.core.template import holes
from rota.formats.reading import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from rota.formats.wq.fields import Fields

GB = 1_000_000_000
"""Bytes of wq's GB, in job files as in descriptions of clusters."""

MODES = ("bycore", "bycore1", "bynode", "byhost", "bygroup")
PRIORITIES: Mapping[str, Any] = {w: w for w in ("block", "high", "med", "low")}
KNOWN = (
    "command", "mode", "N", "group", "not_group", "host", "min_cores", "min_mem", "X",
    "priority", "job_name", "hostfile", "threads",
)  # fmt: skip
_MODES_OF = {
    "host": ("byhost",), "min_cores": ("bynode",),
    "min_mem": ("bycore", "bycore1", "bynode"),
    "N": ("bycore", "bycore1", "bynode", "byhost"),
    "group": ("bycore", "bycore1", "bynode", "bygroup"),
    "not_group": ("bycore", "bycore1", "bynode", "bygroup"),
}  # fmt: skip
_OURS = {"job_name": "name", "min_mem": "min_memory", "N": "cores"}
_FILLED = frozenset({"job", "task", "attempt", "name", "node", "user"})
NAME_MAX = 200


def job_of(fields: Fields, *, where: str) -> Reading:
    """Return the job that *fields* say.

    Raises:
        Malformed: its complaints name place and field.
    """
    reader = _Reader(fields)
    reader.all(where)
    if reader.wrong:
        raise Malformed(complaints=reader.wrong)
    return reader.reading


class _Reader:
    """One job, as it is being read."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.reading = Reading()
        self.wrong: list[Complaint] = []
        self.mode = "bycore"

    def all(self, where: str) -> None:
        """Take in every field."""
        self._mode()
        for name, (_, place) in self.fields.items():
            if name not in KNOWN:
                near = suggest(name, KNOWN)
                fate = "wq has no such field" + (f"; {near}" if near else "")
                self.reading.note(place, plain(name), fate)
        self._what_runs(where)
        self._where_it_runs()
        self._priority()
        self.reading.doc["origin"] = {"system": "wq"}
        self._checked()

    def _say(self, field: str, value: Any) -> None:
        ours = _OURS.get(field, field)
        if field == "N" and self.mode == "bynode":
            ours = "n"
        self.reading.say(ours, value, self.fields[field][1])

    def _complain(
        self, field: str, problem: str, remedy: str = "", where: str = ""
    ) -> None:
        place = self.fields[field][1] if field in self.fields else where
        self.wrong.append(Complaint(field, problem, remedy, place))

    def _mode(self) -> None:
        said = self.fields.get("mode", ("by_core", ""))[0]
        word = str(said).replace("_", "")
        if word in MODES:
            self.mode = word
        else:
            near = suggest(said, [mode.replace("by", "by_") for mode in MODES])
            told = near or "modes are by_core, by_core1, by_node, by_host, by_group"
            self._complain("mode", f"{quoted(said)} is no mode", told)
        if "mode" in self.fields:
            self._say("mode", self.mode)
        else:
            self.reading.say("mode", self.mode, "wq's default")

    def _what_runs(self, where: str) -> None:
        text = self._text("command")
        if not text.strip():
            if not self.wrong or "command" not in self.fields:
                problem = "is missing" if "command" not in self.fields else "is empty"
                self._complain("command", problem, "say what runs: command: ./sim", where)
            return
        text = self._filled(text)
        doc = self.reading.doc
        if holes(text) & _FILLED:
            # Braces are the user's own in wq: a script's text is left as it is.
            self._say("command", "")
            del doc["command"]
            doc["script"] = f"#!/bin/bash\n{text}"
        else:
            self._say("command", text)
            doc["shell"] = "/bin/bash"
        if "job_name" in self.fields and self.fields["job_name"][0] is not None:
            name = "-".join(str(self.fields["job_name"][0]).split())
            self._say("job_name", name[:NAME_MAX])
        if self._truth("X"):
            place = self.fields["X"][1]
            self.reading.note(place, "X", "no windows are forwarded from a job")

    def _text(self, field: str) -> str:
        value = self.fields.get(field, ("", ""))[0]
        if isinstance(value, str):
            return value
        if value is not None:
            self._complain(field, f"must be text, not {quoted(value)}", "put it in quotes")
        return ""

    def _truth(self, field: str) -> bool:
        value = self.fields.get(field, (None, ""))[0]
        return bool(value) and str(value).lower() not in ("false", "no", "0", "off")

    def _filled(self, text: str) -> str:
        """Return the command with its placeholders replaced."""
        threads = self._whole("threads") or 1
        if "threads" in self.fields:
            self._say("threads", threads)
            text = text.replace("%threads%", str(threads))
        if "%hostfile%" not in text and "hostfile" not in self.fields:
            return text
        said = self.fields.get("hostfile", ("auto", ""))
        path = "" if said[0] in (None, "auto") else str(said[0])
        if path:
            self.reading.say("setup", f'cp "$ROTA_HOSTFILE" {shlex.quote(path)}', said[1])
            self.reading.note(said[1], "hostfile", "it stays there when the job is over")
            return text.replace("%hostfile%", shlex.quote(path))
        return text.replace("%hostfile%", "$ROTA_HOSTFILE")

    def _where_it_runs(self) -> None:
        for field, modes in _MODES_OF.items():
            if field in self.fields and self.mode not in modes:
                fate = f"wq looks at it with mode {' '.join(modes)} only"
                self.reading.note(self.fields[field][1], field, fate)
        for field in ("N", "min_cores"):
            if (number := self._mine(field)) is not None and self.fields[field][0]:
                count = self._whole(field)
                if count or number:
                    self._say(field, count)
        if (host := self._mine("host")) is not None:
            self._say("host", host)
        elif self.mode == "byhost":
            self._complain("host", "mode by_host needs it", "name the node, host: node01",
                           self.fields["mode"][1])  # fmt: skip
        for field in ("group", "not_group"):
            labels = self._mine(field)
            if labels is not None:
                some = labels if isinstance(labels, list) else [labels]
                self._say(field, [str(label) for label in some])
        self._memory()

    def _mine(self, field: str) -> Any:
        """Return the value of *field*, if the job's mode looks at it."""
        if self.mode not in _MODES_OF[field]:
            return None
        return self.fields.get(field, (None, ""))[0]

    def _memory(self) -> None:
        said = self._mine("min_mem")
        if said is None:
            return
        try:
            size = round(float(said) * GB)
            if isinstance(said, bool) or size < 0:
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            self._complain("min_mem", f"{quoted(said)} is no number of GB", "min_mem: 32")
            return
        if size:
            self._say("min_mem", f"{size} B")

    def _whole(self, field: str) -> int | None:
        said = self.fields.get(field, (None, ""))[0]
        if said is None:
            return None
        if isinstance(said, str) and said.strip().isdecimal() and len(said) < 20:
            said = int(said)
        if isinstance(said, bool) or not isinstance(said, int) or said < 0:
            self._complain(field, f"{quoted(said)} is no whole number", f"{field}: 2")
            return None
        return said

    def _priority(self) -> None:
        said = self.fields.get("priority", (None, ""))[0]
        if said is None:
            return
        if said not in tuple(PRIORITIES):
            near = suggest(said, PRIORITIES) or "priorities are block, high, med, low"
            self._complain("priority", f"{quoted(said)} is no priority", near)
            return
        self._say("priority", PRIORITIES[said])

    def _checked(self) -> None:
        """Complain about what none of our keys can hold, by the names that wq has."""
        notes = Notes(self.reading.sources)
        check(self.reading.doc, notes)
        theirs = {ours: field for field, ours in _OURS.items()}
        for complaint in notes.complaints:
            field = {**theirs, "n": "N"}.get(complaint.field, complaint.field)
            # What could not be read at all is not told a second time as missing.
            if all(told.field != field for told in self.wrong):
                self.wrong.append(complaint._replace(field=field))
