"""From what a job says to what the kernel is told: one recipe an allocation, one launch
a task.

    run message ─▶ Recipe ──launch(task, n, values)──▶ Launch(argv, env, cwd, outputs, …)

Placeholders go quoted into shell text (``command``, ``setup``) and as they are into argv,
env, and paths.  What has none is made once and shared by all tasks of the strip.
"""

from __future__ import annotations

import os
import pwd
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from rota.agent import containers, doors
from rota.agent.dialects import Place, dialect_of, raw_of
from rota.agent.doors import door_of
from rota.agent.plans import Plan
from rota.agent.slots import Slot
from rota.core.template import fill, fill_shell
from rota.wire.steps import is_step

PATH_DEFAULT = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
INPUT_OPEN = "open"
"""What ``stdin`` says instead of a path: its input is sent while it runs."""

THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
)  # fmt: skip


class Places(NamedTuple):
    """Folders of a node's home; see ``folders``."""

    out: str
    work: str


class Launch(NamedTuple):
    """All there is to know to start one attempt.

    Shapes:
        cwd:    where it works; *is_fresh* says the folder is its own, to be made
        facts:  what fills placeholders
        found:  {(word, PATH, cwd): the program it means}, of the whole strip
        stdout, stderr: where it writes; *is_ours*: unique names in our own place
        terminal: "24x80" if it wants one, its path once it has it; then stderr is stdout
    """

    argv: List[str]
    env: Dict[str, str]
    cwd: str
    is_fresh: bool
    stdin: str
    stdout: str
    stderr: str
    out_is_ours: bool
    err_is_ours: bool
    output_mode: str
    found: Dict[Tuple[str, str, str], str]
    facts: Mapping[str, str]
    terminal: Optional[str] = None


class Recipe:
    """What all tasks of one allocation have in common.

    Shapes:
        slot:   the folder its tasks work with
        door:   how its tasks start programs on the other nodes; None: there are none
        found:  programs that ``spawn`` has looked up already
    """

    def __init__(
        self,
        spec: Mapping[str, Any],
        *,
        run: Mapping[str, Any],
        places: Places,
        slot: Slot,
        gpus_here: bool,
        server: Optional[str] = None,
    ) -> None:
        self.job = int(run["job"])
        spec = _as_here(spec, self.job)
        self.name = str(spec.get("name") or "")
        self.slot = slot
        self.script: Optional[str] = spec.get("script")
        self.grace_ms = int(_given(spec, "grace_ms", 10_000))
        self.memory = int(run.get("memory") or spec.get("memory") or 0)
        self._take_limits(spec)
        self.cores: Tuple[int, ...] = tuple(run.get("cores") or ())
        self._threads = int(_given(spec, "threads", 1)) or 1
        self.hosts = _hosts(run.get("nodes") or [], self._threads)
        self.door = door_of(run, server=server, hosts=self.hosts)
        self.uid: Optional[int] = spec.get("uid")
        self.is_fresh = spec.get("cwd") is None
        self.takes_input = spec.get("stdin") == INPUT_OPEN
        self.found: Dict[Tuple[str, str, str], str] = {}
        # Most jobs have none: those that have pay for the question.
        self.has_files = any(spec.get(key) for key in ("tree", "outputs", "expect"))
        self._image: Optional[str] = spec.get("container")
        self._gpus = list(run.get("gpus") or ())
        self._spec = spec
        self._places = places
        self._shell = str(spec.get("shell") or "/bin/sh")
        nodes = run.get("nodes") or []
        origin = spec.get("origin") or {}
        self._place = Place(self.job, nodes, origin, bool(spec.get("array")))
        self._dialect = dialect_of(origin)
        self._facts = {"job": str(self.job), "name": self.name}
        self._facts.update(node=_short(nodes), user=str(spec.get("user") or ""))
        self._env = self._fixed_env(run, gpus_here)
        self._has_env_holes = self._dialect is None and any(
            "{" in value for value in self._env.values()
        )

    def _take_limits(self, spec: Mapping[str, Any]) -> None:
        """Remember what it is watched for while it runs, and judged by afterwards."""
        self.time_ms: Optional[int] = spec.get("time_ms")
        self.warn_ms: Optional[int] = spec.get("warn_ms")
        self.warn_signal = str(spec.get("warn_signal") or "TERM")
        self.lease_ms: Optional[int] = spec.get("lease_ms")
        self.progress: Optional[str] = spec.get("progress")
        self.stall_ms: Optional[int] = spec.get("stall_ms")
        self.output_max: Optional[int] = spec.get("output_max")
        self.disk: Optional[int] = spec.get("disk")
        self.monitor: List[str] = list(spec.get("monitor") or ())
        self.fail_if: List[str] = list(spec.get("fail_if") or ())
        self.pass_if: List[str] = list(spec.get("pass_if") or ())
        self.denied_if: List[str] = list(spec.get("denied_if") or ())

    def launch(self, task: int, *, n: int, values: Optional[Mapping[str, Any]]) -> Launch:
        """Return how attempt *n* of *task* is started."""
        facts = {name: str(value) for name, value in (values or {}).items()}
        facts.update(self._facts, task=str(task), attempt=str(n))
        if self._dialect is not None:
            facts["raw"] = str(raw_of(self._place, task))
        spec = self._spec
        cwd = self._cwd(facts, f"{self._places.work}/{self.job}.{task}.{n}")
        env = self._task_env(facts, values)
        if "PWD" in env:
            env["PWD"] = cwd
        place = self.place_of(task, n)
        out, err = spec.get("output"), spec.get("error")
        stdout = _path(out, facts, cwd) or place + ".out"
        asked = spec.get("terminal")
        terminal = None if asked is None else str(asked)
        argv = self._argv(facts)
        if self._image is not None:
            argv, env = self._contained(argv, env, cwd=cwd, terminal=terminal is not None)
        return Launch(
            argv=argv,
            env=env,
            cwd=cwd,
            is_fresh=self.is_fresh,
            stdin=_path(spec.get("stdin"), facts, cwd) or "/dev/null",
            stdout=stdout,
            stderr=stdout if terminal else _path(err, facts, cwd) or place + ".err",
            out_is_ours=not out,
            err_is_ours=not err,
            output_mode=str(spec.get("output_mode") or "new"),
            found=self.found,
            facts=facts,
            terminal=terminal,
        )

    def plan(self, ref: Tuple[int, int, int], launch: Launch) -> Optional[Plan]:
        """Return what is to be staged for attempt *ref*; None: nothing."""
        if not self.has_files:
            return None
        _, task, n = ref
        spec, facts = self._spec, launch.facts
        outputs = spec.get("outputs")
        return Plan(
            ref,
            tree=spec.get("tree"),
            outputs=None if outputs is None else [fill(text, facts) for text in outputs],
            expect=[fill(text, facts) for text in spec.get("expect") or ()],
            cwd=launch.cwd,
            is_fresh=launch.is_fresh,
            log=self.place_of(task, n) + ".stages",
        )

    def folder_plan(
        self, ref: Tuple[int, int, int], values: Optional[Mapping[str, Any]]
    ) -> Plan:
        """Return a plan that knows the folder of *ref* and nothing else yet."""
        _, task, n = ref
        launch = self.launch(task, n=n, values=values)
        log = self.place_of(task, n) + ".stages"
        return Plan(ref, None, [], expect=[], cwd=launch.cwd, is_fresh=False, log=log)

    def place_of(self, task: int, n: int) -> str:
        """Return our own place for the outputs of an attempt, without its ending."""
        return f"{self._places.out}/{self.job}/{task}.{n}"

    def _cwd(self, facts: Mapping[str, str], fresh: str) -> str:
        given: Optional[str] = self._spec.get("cwd")
        return fresh if given is None else os.path.normpath(fill(given, facts))

    def _argv(self, facts: Mapping[str, str]) -> List[str]:
        spec = self._spec
        setup = spec.get("setup")
        if spec.get("command") is not None:
            text = fill_shell(spec["command"], facts)
            if setup:
                text = fill_shell(setup, facts) + "\n" + text
            return [self._shell, "-c", text]
        if self.script is not None:
            argv = [self.slot.script_path(self.script)]
            if not self.script.startswith("#!"):
                argv.insert(0, self._shell)
            argv += [self._filled(word, facts) for word in spec.get("args") or ()]
        else:
            argv = [self._filled(word, facts) for word in spec.get("argv") or ()]
        if setup:
            text = fill_shell(setup, facts) + '\nexec "$@"'
            argv = [self._shell, "-c", text, self._shell, *argv]
        return argv

    def _contained(
        self, argv: List[str], env: Dict[str, str], *, cwd: str, terminal: bool
    ) -> Tuple[List[str], Dict[str, str]]:
        """Return the words that run *argv* in a container, and what those get."""
        image = str(self._image)
        program = containers.runtime_for(image, os.environ.get("PATH", PATH_DEFAULT))
        inside = containers.Inside(
            program or containers.RUNTIMES[0],
            image,
            list(self._spec.get("container_args") or ()),
            binds=containers.outermost([cwd, self.slot.path]),
            cwd=cwd,
            gpus=self._gpus,
            terminal=terminal,
            keep=os.getuid() != 0,
            init=containers.init_here(),
        )
        words = containers.wrapped(argv, env, inside)
        return words, containers.environment(env, inside.program)

    def _filled(self, word: str, facts: Mapping[str, str]) -> str:
        # Other systems know no placeholders: braces are their users' own.
        return word if self._dialect is not None else fill(word, facts)

    def _fixed_env(self, run: Mapping[str, Any], gpus_here: bool) -> Dict[str, str]:
        env = dict(_person())
        env.update({str(k): str(v) for k, v in (self._spec.get("env") or {}).items()})
        nodes = run.get("nodes") or []
        for name in THREADS:
            # With ranks, each of them has its own; without, the one program has all.
            several = self._threads if self._threads > 1 else max(1, len(self.cores))
            env.setdefault(name, str(several))
        gpus = run.get("gpus") or []
        if gpus or gpus_here:
            env["CUDA_VISIBLE_DEVICES"] = ",".join(map(str, gpus))
        env["ROTA_JOB_ID"] = str(self.job)
        env["ROTA_CORES"] = str(max(1, sum(len(place[1]) for place in nodes)))
        env["ROTA_NODELIST"] = ",".join(place[0] for place in nodes)
        env["ROTA_RANKS"] = str(max(1, self.hosts.count("\n")))
        env["ROTA_HOSTFILE"] = self.slot.hosts_path
        env["ROTA_HOSTFILE_OPENMPI"] = f"{self.slot.hosts_path}.openmpi"
        env["ROTA_HOSTFILE_MPICH"] = f"{self.slot.hosts_path}.mpich"
        env["ROTA_PROGRESS"] = self.slot.progress_path
        env["ROTA_REQUEUE"] = self.slot.requeue_path
        env["TMPDIR"] = self.slot.tmpdir
        if self._dialect is not None:
            env.update(self._dialect.fixed(self._place))
        if self.door is not None:
            told = doors.variables(self.slot.path, env.get("PATH", ""))
            # A user who chose another way for mpirun knows why.
            env.update({k: v for k, v in told.items() if k not in env or k == "PATH"})
        return env

    def _task_env(
        self, facts: Mapping[str, str], values: Optional[Mapping[str, Any]]
    ) -> Dict[str, str]:
        env = self._env.copy()
        if self._has_env_holes:
            env = {name: fill(value, facts) for name, value in env.items()}
        env["ROTA_TASK_ID"] = facts["task"]
        env["ROTA_ATTEMPT"] = facts["attempt"]
        if facts["attempt"] != "1":
            env["ROTA_RESTART"] = str(int(facts["attempt"]) - 1)
        if self._dialect is not None:
            n = int(facts["attempt"])
            env.update(self._dialect.of_task(self._place, int(facts["task"]), n))
        for name in values or ():
            env["ROTA_VAR_" + name] = facts[name]
            if name == "item":
                env["ROTA_ITEM"] = facts[name]
        return env


def _as_here(spec: Mapping[str, Any], job: int) -> Mapping[str, Any]:
    """Return *spec*; a rank works where it was started only if that folder is here, too."""
    if is_step(job) and not os.path.isdir(spec.get("cwd") or "/"):
        return {**spec, "cwd": None}
    return spec


def _given(spec: Mapping[str, Any], key: str, default: int) -> int:
    value = spec.get(key)
    return default if value is None else int(value)


def _path(pattern: Optional[str], facts: Mapping[str, str], cwd: str) -> Optional[str]:
    return os.path.join(cwd, fill(pattern, facts)) if pattern else None


def _short(nodes: Sequence[Sequence[Any]]) -> str:
    return str(nodes[0][0]).partition(".")[0] if nodes else ""


def _hosts(nodes: Sequence[Sequence[Any]], threads: int) -> str:
    # A line for each rank, as mpirun of every make reads it.
    return "".join(f"{host}\n" * max(1, len(cores) // threads) for host, cores, _ in nodes)


_PERSON: Dict[str, str] = {}


def _person() -> Mapping[str, str]:
    """Return what the environment of whom we run as begins with; asked once."""
    if not _PERSON:
        try:
            entry = pwd.getpwuid(os.getuid())
            name, home, shell = entry.pw_name, entry.pw_dir, entry.pw_shell
        except KeyError:
            # A user id without a name: containers have them.
            name, home, shell = str(os.getuid()), os.environ.get("HOME", "/"), "/bin/sh"
        _PERSON.update(HOME=home, USER=name, LOGNAME=name)
        _PERSON.update(SHELL=shell or "/bin/sh", PATH=PATH_DEFAULT)
    return _PERSON
