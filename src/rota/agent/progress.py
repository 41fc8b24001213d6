"""How far attempts say they are: read from what they print, or from $ROTA_PROGRESS.

    "17 / 40 files"   ─▶ done 17, total 40         the last one in the text counts
    " 42.5% written"  ─▶ done 42.5, total 100      "3 / 0" and "2024/11/05" are neither
    a job's own expression: groups done and total, or its first two, or one: per cent
    "*.sta 2.5": the status file of an Abaqus job instead of what it prints; see ``sta``

Only attempts that run for half a second are looked at, only what is new is read, and
seldom when nothing is new.
"""

from __future__ import annotations

import os
import re
import signal
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from rota.agent.accounts import OWN, Account
from rota.agent.clock import boot_ms, note
from rota.agent.reactor import Reactor, Timer
from rota.agent.sta import sta_of
from rota.wire import agent as wire

LOOK_MS_MIN, LOOK_MS_MAX = 500, 4_000
TAIL_MAX = 16 << 10
LINE_MAX = 500
TEXT_MAX = 200
OWN_REGEX_S_MAX = 0.1
"""So long a job's own expression may take; one that explodes is not used again."""

_STEPS = re.compile(r"(?<![\w./-])(\d{1,15})\s*/\s*(\d{1,15})(?![\w./])")
_PERCENT = re.compile(r"(?<![\w.-])(\d{1,3}(?:\.\d+)?)\s*%(?!\w)")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

Ref = Tuple[int, int, int]


class Progress(NamedTuple):
    """How far: *done* of *total* (None: nobody knows of how many), and the line."""

    done: float
    total: Optional[float]
    text: str


def parse(text: str, *, is_whole: bool = True) -> Optional[Progress]:
    """Return the last progress that *text* speaks of, or None.

    is_whole: nothing will be added to its last line; else a number that ends with the
    text may still grow, and is not believed yet.
    """
    for line in reversed(_lines(text)):
        best: Optional[Tuple[int, Progress]] = None
        for pattern in (_STEPS, _PERCENT):
            for found in pattern.finditer(line):
                if not is_whole and found.end() == len(line) and text.endswith(line):
                    continue
                told = _told(found, line)
                if told is not None and (best is None or found.start() >= best[0]):
                    best = (found.start(), told)
        if best is not None:
            return best[1]
    return None


def parse_by(pattern: "re.Pattern[str]", text: str) -> Optional[Progress]:
    """Return the last progress in *text* that the job's own *pattern* finds."""
    for line in reversed(_lines(text)):
        found = None
        for found in pattern.finditer(line):  # noqa: B007 - the last one is used below
            continue
        if found is not None:
            return _told(found, line)
    return None


def _lines(text: str) -> List[str]:
    lines = re.split(r"[\r\n]+", _ESCAPES.sub("", text))
    return [line[-LINE_MAX:] for line in lines if line.strip()]


def _told(found: "re.Match[str]", line: str) -> Optional[Progress]:
    named = found.groupdict()
    groups = found.groups()
    try:
        done = float(named.get("done") or named.get("percent") or groups[0])
        whole = named.get("total") or (groups[1] if len(groups) > 1 else None)
        total = 100.0 if whole is None else float(whole)
    except (TypeError, ValueError, IndexError):
        return None
    if not 0 < total < 1e18 or not 0 <= done <= total:
        return None
    shown = "".join(c if c.isprintable() else " " for c in line.strip())
    return Progress(_plain(done), _plain(total), shown[:TEXT_MAX])


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value


class _Track:
    """One attempt that is looked at."""

    def __init__(self, word: Mapping[str, Any]) -> None:
        job, task, n = word["a"]
        self.ref: Ref = (job, task, n)
        self.out: str = word["out"]
        self.file: str = word["file"]
        self.sta = sta_of(word.get("regex"))
        self.folder: str = word.get("cwd") or ""
        self.pattern = None if self.sta else _compiled(word.get("regex"))
        self.size = -1
        self.stamp: Optional[Tuple[int, int]] = None
        self.last = ""
        self.told: Optional[Progress] = None
        self.look_at = 0
        self.pause_ms = LOOK_MS_MIN


class Follower:
    """Says whether one attempt has told anything new of its progress."""

    def __init__(self, word: Mapping[str, Any]) -> None:
        """Follow what *word*, as a shepherd tells it of a long attempt, names."""
        self._track = _Track(word)

    def moved(self) -> bool:
        """Return whether there is other progress than at the last call."""
        told = _look_at(self._track, is_over=False)
        is_new = told is not None and told[:2] != (self._track.told or (None, None))[:2]
        self._track.told = told or self._track.told
        return is_new


class Watch:
    """Looks at all long attempts in turn; see the head of the file."""

    def __init__(
        self,
        reactor: Reactor,
        *,
        tell: Callable[[List[wire.Message]], None],
        account_of: Callable[[Ref], Account] = lambda _ref: OWN,
    ) -> None:
        """Look at nothing yet; files of an attempt are read as ``account_of`` it."""
        self._reactor = reactor
        self._account_of = account_of
        self._tell = tell
        self._tracks: Dict[Ref, _Track] = {}
        self._timer: Optional[Timer] = None

    def begin(self, word: Mapping[str, Any]) -> None:
        """Look at the attempt that a shepherd calls long."""
        track = _Track(word)
        self._tracks[track.ref] = track
        self._look()

    def end(self, ref: Ref, last: str = "") -> None:
        """Look at *ref* a last time: it is over; *last* is the end of its own file."""
        track = self._tracks.pop(ref, None)
        if track is not None:
            track.last = last
            self._tell_all([track], is_over=True)

    def clear(self) -> None:
        """Look at nothing any more."""
        self._tracks.clear()

    def _look(self) -> None:
        now = boot_ms()
        due = [track for track in self._tracks.values() if track.look_at <= now]
        self._tell_all(due, is_over=False)
        for track in due:
            track.look_at = now + track.pause_ms
        if self._timer is not None:
            self._timer.cancel()
        if self._tracks:
            first = min(track.look_at for track in self._tracks.values())
            self._timer = self._reactor.at(first, self._look)

    def _tell_all(self, tracks: List[_Track], *, is_over: bool) -> None:
        messages = []
        for track in tracks:
            with self._account_of(track.ref).entered():
                told = _look_at(track, is_over=is_over)
            if told is not None and told != track.told:
                track.told = told
                done, total, text = told
                messages.append(wire.progress(track.ref, done=done, total=total, text=text))
        if messages:
            self._tell(messages)


def _look_at(track: _Track, *, is_over: bool) -> Optional[Progress]:
    """Return what *track* says now, or None: nothing new."""
    text, is_settled = _new_text(track, is_over)
    if text is None:
        track.pause_ms = min(track.pause_ms * 2, LOOK_MS_MAX)
        return None
    track.pause_ms = LOOK_MS_MIN
    if track.sta is not None and track.stamp is None:
        found = track.sta.parse(text)
        return Progress(*found) if found else None
    if track.pattern is not None:
        return _by_own_pattern(track, text)
    return parse(text, is_whole=is_settled)


def _new_text(track: _Track, is_over: bool) -> Tuple[Optional[str], bool]:
    """Return what was written since, and whether it is whole.

    It is taken from the job's file for it once there is one, else from stdout's end.
    """
    if track.last:
        return track.last, True
    stamp = _stamp(track.file)
    if stamp is not None and stamp[1]:
        is_new, track.stamp = stamp != track.stamp, stamp
        return (_tail(track.file, stamp[1]) if is_new else None), True
    if track.stamp is not None:
        return None, True
    if track.sta is not None:
        newest = track.sta.newest(track.folder)
        if newest != track.out:
            track.out, track.size = newest or "", -1
    stamp = _stamp(track.out)
    if stamp is None or not stamp[1]:
        return None, True
    # What was not believed at the last look, for it could have grown, is believed now.
    is_new = stamp[1] != track.size or is_over
    track.size = stamp[1]
    return (_tail(track.out, stamp[1]) if is_new else None), is_over


def _stamp(path: str) -> Optional[Tuple[int, int]]:
    try:
        facts = os.stat(path)
    except OSError:
        # Most jobs have no file for their progress.
        return None
    return facts.st_mtime_ns, facts.st_size


def _tail(path: str, size: int) -> Optional[str]:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        # Removed since it was looked at.
        return None
    try:
        data = os.pread(fd, TAIL_MAX, max(0, size - TAIL_MAX))
    except OSError:
        # A terminal, a fifo: nothing that has an end to be read.
        return None
    finally:
        os.close(fd)
    return data.decode("utf-8", "replace")


def _compiled(regex: Optional[str]) -> Optional["re.Pattern[str]"]:
    try:
        return re.compile(regex) if regex else None
    except re.error as error:
        note(f"progress expression {regex!r}: {error}")
        return None


def _by_own_pattern(track: _Track, text: str) -> Optional[Progress]:
    """Use the job's expression under an alarm: it may take for ever on a long line."""
    assert track.pattern is not None
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, OWN_REGEX_S_MAX)
    try:
        return parse_by(track.pattern, text)
    except TimeoutError:
        note(f"{track.ref}: its progress expression takes too long and is not used again")
        track.pattern = None
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _too_long(_number: int, _frame: object) -> None:
    raise TimeoutError
