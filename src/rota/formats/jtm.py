"""Task files of the JAWS Task Manager: JSON → keys of a job.

    {"command": "/bin/bash step.sh", "output_files": "/d/a.bam", "output_dir": "/d",
     "pool": {"name": "align", "cpu": 32, "mem": "10GB", "nwpn": 4, "time": "00:40:00"}}

A pool's cpu and mem are of one of its machines, which nwpn tasks share; so a task asks
for its part of them.  What is said of the pool itself stays in ``origin``; from there
``pool_keys`` makes it a pool of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rota.formats.reading import Reading
from rota.formats.relaxed import Spots, loads, wrong

POOL = "small"
"""The pool of a task that names none."""

TASK = ("command", "output_dir", "output_files", "stdout", "stderr", "pool")
ALIASES = {
    "task": "command", "cmd": "command", "out": "output_files", "poolname": "name",
    "pool_name": "name", "mwpn": "nwpn", "nodes": "node", "memory": "mem", "cpus": "cpu",
}  # fmt: skip
POOL_TEXTS = ("name", "cluster", "constraint", "qos", "partition", "account", "job_id")
POOL_NUMBERS = ("cpu", "node", "nwpn", "shared")
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([kmgt]?)i?b?", re.IGNORECASE)
_TIME = re.compile(r"\d{1,6}:[0-5]\d:[0-5]\d")
_SCRIPT = re.compile(r"(/[^\s'\"]*/execution)/script(?=['\"\s]|$)")
_FACTORS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "": 1 << 30}


def read(text: str, *, where: str = "task.json") -> list[Reading]:
    """Return the jobs of a task file: one task, or a list of them.

    Raises:
        Malformed: its complaints say where and what.
    """
    tree, lines = loads(text, where=where)
    tasks = tree if isinstance(tree, list) else [tree]
    if not tasks:
        raise wrong("holds no task", where)
    readings = [_Task(task, lines, where).reading() for task in tasks]
    for reading in readings:
        _tell_pool(reading, where)
    return readings


def job_of(task: Mapping[str, Any], *, where: str) -> Reading:
    """Return the job of *task*, the mapping of a task file.

    Raises:
        Malformed: its complaint names the key.
    """
    return _Task(dict(task), {}, where).reading()


def pool_keys(origin: Mapping[str, str]) -> dict[str, Any]:
    """Return the keys of a pool that fits what *origin* keeps of a task; {} without any.

    One of its pilots is one machine with nwpn agents on it; kind is not among them.
    """
    if "pool_time" not in origin:
        return {}
    keys: dict[str, Any] = {"time": origin["pool_time"], "max": int(origin["node"])}
    keys["agents"] = int(origin["nwpn"])
    if "cores" in origin:
        keys["cores"] = int(origin["cores"])
    if "memory" in origin:
        keys["memory"] = f"{origin['memory']} B"
    for name in ("constraint", "qos", "partition", "account"):
        if name in origin:
            keys[name] = origin[name]
    return keys


def pool_name(name: str, *, job_id: str = "", shared: bool = True) -> str:
    """Return what a pool is called here: letters, digits, _; its workflow's own if so."""
    if not shared and job_id.count("_"):
        name = f"{name}_{job_id.split('_')[1]}"
    return re.sub(r"[^A-Za-z0-9_]", "_", name)[:24]


def _tell_pool(reading: Reading, where: str) -> None:
    """Note the command that makes the pool of a task; a job file has no word for one."""
    origin = reading.doc["origin"]
    if keys := pool_keys(origin):
        options = " ".join(f"--{key} '{value}'" for key, value in keys.items())
        command = f"rota pool add {origin['pool']} --kind slurm {options}"
        reading.note(reading.sources.get("time", where), "pool", f"made by {command}")


class _Task:
    """One mapping of a task file on its way to a job."""

    def __init__(self, task: Any, spots: Spots, where: str) -> None:
        self.spots, self.where = spots, where
        if not isinstance(task, dict):
            raise wrong("is no task: a mapping with command and pool is", where)
        self.out = Reading()
        self.task = self._renamed(task)
        pool = self.task.get("pool") or {}
        if not isinstance(pool, dict):
            raise self.wrong("pool", "must be a mapping with name, cpu, mem, time …")
        self.pool = self._renamed(pool)

    def wrong(self, key: str, problem: str, remedy: str = "") -> Exception:
        """Return the error that *problem* is about *key*."""
        return wrong(problem, self.place(key), field=key, remedy=remedy)

    def place(self, key: str) -> str:
        """Return where *key* stands."""
        names = [key, *(old for old, new in ALIASES.items() if new == key)]
        spot = next((self.spots[name] for name in names if name in self.spots), None)
        return self.where if spot is None else f"{self.where}:{spot}"

    def reading(self) -> Reading:
        """Return the job."""
        out = self.out
        command = self._text(self.task, "command")
        if not command.strip():
            raise self.wrong("command", "is missing", "say what is to be run")
        out.say("command", command, self.place("command"))
        out.say("shell", "/bin/bash", self.place("command"))
        out.doc["origin"] = {"system": "jtm"}
        if script := _SCRIPT.search(command):
            # A workflow engine's task: its end is told by this file, and nothing else.
            out.doc["origin"]["rc"] = f"{script[1]}/rc"
        self._files()
        self._pool()
        for key in (*self.task, *self.pool):
            if key not in (*TASK, *POOL_TEXTS, *POOL_NUMBERS, "time", "mem"):
                out.note(self.place(key), key[:60], "no such key of a task; ignored")
        return out

    def _renamed(self, found: dict[str, Any]) -> dict[str, Any]:
        renamed: dict[str, Any] = {}
        for name, value in found.items():
            new = ALIASES.get(name, name)
            if new in renamed or (new != name and new in found):
                raise self.wrong(name, f"is {new} once more", "give it once")
            if new != name and name in ("mwpn", "task", "out"):
                self.out.note(self.place(name), name, f"read as {new}")
            renamed[new] = value
        return renamed

    def _text(self, found: Mapping[str, Any], key: str) -> str:
        value = found.get(key)
        if value is None:
            return ""
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            raise self.wrong(key, "must be text")
        return str(value).strip() if key != "command" else str(value)

    def _files(self) -> None:
        """Say where it works, where its output goes, and what it must have made."""
        folder = self._text(self.task, "output_dir").rstrip("/")
        if folder:
            self.out.say("cwd", folder, self.place("output_dir"))
        for key, ours in (("stdout", "output"), ("stderr", "error")):
            if path := self._text(self.task, key):
                self.out.say(ours, path, self.place(key))
                self.out.say("output_mode", "truncate", self.place(key))
        listed = self.task.get("output_files") or ""
        words = listed if isinstance(listed, list) else str(listed).split(",")
        expected = []
        for path in (str(word).strip() for word in words):
            if folder and path.startswith(f"{folder}/"):
                expected.append(path[len(folder) + 1 :])
            elif path.startswith(("/", "$", "~")):
                fate = "is outside output_dir: that it is made is not checked"
                self.out.note(self.place("output_files"), path[:200], fate)
            elif path:
                expected.append(path)
        if expected:
            self.out.say("expect", expected, self.place("output_files"))

    def _pool(self) -> None:
        """Say what part of a pool's machine a task needs, and keep what the pool is."""
        origin, pool = self.out.doc["origin"], self.pool
        texts = {key: self._text(pool, key) for key in POOL_TEXTS}
        numbers = {key: self._number(key) for key in POOL_NUMBERS}
        shared = numbers["shared"] != 0
        said = texts["name"] or POOL
        name = pool_name(said, job_id=texts["job_id"], shared=shared)
        if not name:
            raise self.wrong("name", f"{said[:60]!r} is no name of a pool")
        if name != said and shared:
            self.out.note(self.place("name"), said[:60], f"the pool is called {name}")
        origin.update(pool=name, node=str(numbers["node"] or 1))
        origin["nwpn"] = str(nwpn := numbers["nwpn"] or 1)
        origin["shared"] = "1" if shared else "0"
        kept = {key: held for key, held in texts.items() if key != "name" and held}
        origin.update(kept)
        self.out.say("tags", [f"pool.{name}"], self.place("name"))
        if texts["job_id"]:
            self.out.say("name", texts["job_id"][:200], self.place("job_id"))
        if cpu := numbers["cpu"]:
            origin["cores"] = str(max(1, cpu // nwpn))
            self.out.say("cores", max(1, cpu // nwpn), self.place("cpu"))
        if memory := self._size():
            origin["memory"] = str(memory // nwpn)
            self.out.say("memory", f"{memory // nwpn} B", self.place("mem"))
        if time := self._time():
            origin["pool_time"] = time
            self.out.say("time", time, self.place("time"))

    def _number(self, key: str) -> int | None:
        text = self._text(self.pool, key)
        if not text:
            return None
        if not re.fullmatch(r"\d{1,6}(\.0)?", text):
            raise self.wrong(key, f"{text[:60]!r} is no whole number")
        return int(text.partition(".")[0])

    def _size(self) -> int:
        text = self._text(self.pool, "mem")
        found = _SIZE.fullmatch(text)
        if text and not found:
            raise self.wrong("mem", f"{text[:60]!r} is no amount of memory", "write 10GB")
        return int(float(found[1]) * _FACTORS[found[2].lower()]) if found else 0

    def _time(self) -> str:
        text = self._text(self.pool, "time")
        if text and not _TIME.fullmatch(text):
            raise self.wrong("time", f"{text[:60]!r} is no time", "write hh:mm:ss")
        return text if text.strip("0:") else ""
