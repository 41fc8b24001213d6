"""Starting one attempt: the price of the process itself and little more.

    start(launch, cores, tag) ──▶ pid         posix_spawn (vfork), no process in between
             │
             ╰─ refused by the kernel ──▶ Unstartable(reason, exit code)
                 the fast path opens the outputs in the child and learns one errno only;
                 only after a failure they are opened here, one by one, to say which and why

Everything a process can inherit and shed is a poor mark: environment, session, parent.
The soft limit on the resident set size (which Linux has ignored since 2.4.30) is
inherited by all descendants and shed by none of them by accident: it carries the *tag*
by which strays are found, even those that left the session and cleared their environment.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import stat
import zlib
from typing import Any, List, NamedTuple, Optional, Sequence, Tuple

from rota.agent.recipe import Launch
from rota.core.reasons import Reason, reason

_WRITE = os.O_WRONLY | os.O_CREAT | os.O_APPEND
_NEW = _WRITE | os.O_EXCL
_TAKEN = {"append": _WRITE, "truncate": _WRITE | os.O_TRUNC}
_MODE = 0o644
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)

# Python and nohup ignore some of these; a job begins as if its user had typed it.
_TO_DEFAULT = [
    signal.SIGPIPE, signal.SIGXFSZ, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT,
    signal.SIGTERM,
]  # fmt: skip

_EVERYWHERE = os.sched_getaffinity(0)
_RSS_MAX = resource.getrlimit(resource.RLIMIT_RSS)[1]

TAG_BITS = 20
FOUND_MAX = 16


class Unstartable(Exception):
    """An attempt cannot be started: why, and the exit code that says so, if any."""

    def __init__(self, why: Reason, exit_code: Optional[int] = None) -> None:
        super().__init__(why.text)
        self.why = why
        self.exit_code = exit_code


class Started(NamedTuple):
    """A started attempt: its first process, and the files it really writes to."""

    pid: int
    stdout: str
    stderr: str


def tag_base(folder: str, boot: str) -> int:
    """Return tag number 0 of the shepherd in *folder* during this start of the machine."""
    text = f"{boot} {os.path.realpath(folder)}".encode()
    name = zlib.crc32(text) << 8 | zlib.adler32(text) & 0xFF
    return 1 << 62 | name << TAG_BITS


def start(
    launch: Launch, *, cores: Optional[Sequence[int]], tag: int, gate: Optional[int] = None
) -> Started:
    """Start *launch* and return its pid.

    Shapes:
        cores: to be bound to these, or None: wherever the shepherd may run
        gate:  a pipe to read a line from before any user code runs; see ``cage``

    Raises:
        Unstartable: nothing of it runs.
    """
    try:
        _enter(launch)
        path = _resolved(launch)
    except ValueError as error:
        # A zero byte in a path: the wire lets any text through.
        raise Unstartable(reason("spawn", error=str(error))) from error
    argv = launch.argv
    if gate is not None:
        path, argv = "/bin/sh", ["sh", "-c", _GATE, "sh", path, *argv[1:]]
    # Ids the machine does not have come from an agent that offers more than it has.
    is_part = bool(cores) and set(cores or ()) < _EVERYWHERE
    if is_part:
        _bind(cores or ())
    try:
        _mark(tag)
        return _spawn(launch, path, argv=argv, gate=gate)
    finally:
        if is_part:
            os.sched_setaffinity(0, _EVERYWHERE)


# The shell waits for a line, and is then replaced by the job's own program.  A shepherd
# that dies before it wrote the line closes the pipe: no user code ever runs.
_GATE = 'read -r _ <&3 || exit 125; exec 3<&-; unset PWD OLDPWD SHLVL _; exec "$@"'


def _resolved(launch: Launch) -> str:
    """Return what ``resolve`` does; asked once for tasks that have it in common."""
    key = (launch.argv[0] if launch.argv else "", launch.env.get("PATH", ""), launch.cwd)
    path = launch.found.get(key)
    if path is None:
        path = resolve(launch)
        if len(launch.found) < FOUND_MAX:
            launch.found[key] = path
    return path


def resolve(launch: Launch) -> str:
    """Return the file that ``argv[0]`` means, by the job's own PATH.

    Raises:
        Unstartable: there is none, or it may not be executed.
    """
    word = launch.argv[0] if launch.argv else ""
    if not word:
        raise _not_found("an empty command")
    if "/" in word:
        candidates = [os.path.join(launch.cwd, word)]
    else:
        folders = launch.env.get("PATH", "").split(":")
        candidates = [os.path.join(launch.cwd, folder, word) for folder in folders]
    blocked = None
    for path in candidates:
        if os.access(path, os.X_OK) and not os.path.isdir(path):
            return path
        if blocked is None and os.path.lexists(path) and not os.path.isdir(path):
            blocked = path
    if blocked is not None and os.path.exists(blocked):
        raise _not_executable(blocked)
    if "/" in word and os.path.isdir(candidates[0]):
        raise _not_executable(f"{word} is a folder")
    raise _not_found(word)


def _enter(launch: Launch) -> None:
    # posix_spawn has no chdir: the shepherd goes there itself.  All its own paths are
    # absolute, so it need not come back.
    try:
        if launch.is_fresh:
            os.makedirs(launch.cwd, 0o700, exist_ok=True)
        os.chdir(launch.cwd)
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise Unstartable(reason("disk", what=launch.cwd)) from error
        raise Unstartable(reason("cwd", path=launch.cwd, error=_said(error))) from error


def _bind(cores: Sequence[int]) -> None:
    try:
        os.sched_setaffinity(0, cores)
    except OSError as error:
        what = f"cores {list(cores)}: {error.strerror}"
        raise Unstartable(reason("spawn", error=what)) from error


def _mark(tag: int) -> None:
    if _RSS_MAX == resource.RLIM_INFINITY or tag <= _RSS_MAX:
        resource.setrlimit(resource.RLIMIT_RSS, (tag, _RSS_MAX))


def _spawn(launch: Launch, path: str, *, argv: List[str], gate: Optional[int]) -> Started:
    passed = [(os.POSIX_SPAWN_DUP2, gate, 3)] if gate is not None else []
    if launch.terminal is not None:
        return _spawn_on_terminal(launch, path, argv=argv, actions=passed)
    # Opening anything else may wait for ever (a fifo), and in the child we cannot tell.
    if launch.out_is_ours and launch.err_is_ours and launch.stdin == "/dev/null":
        actions: List[Tuple[Any, ...]] = [
            (os.POSIX_SPAWN_OPEN, 0, launch.stdin, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, launch.stdout, _NEW, _MODE),
            (os.POSIX_SPAWN_OPEN, 2, launch.stderr, _NEW, _MODE),
        ]
        try:
            pid = _posix_spawn(launch, path, argv=argv, actions=actions + passed)
            return Started(pid, launch.stdout, launch.stderr)
        except OSError as error:
            launch.found.clear()
            if error.errno in (errno.EAGAIN, errno.ENOMEM, errno.E2BIG):
                raise _spawn_error(error) from error
    with _Opened(launch) as opened:
        actions = [(os.POSIX_SPAWN_DUP2, fd, to) for to, fd in enumerate(opened.fds)]
        pid = _spawn_or_say(launch, path, argv=argv, actions=actions + passed)
        return Started(pid, opened.paths[1], opened.paths[2])


def _spawn_on_terminal(
    launch: Launch, path: str, *, argv: List[str], actions: Any
) -> Started:
    # Opened by the leader of a new session, it becomes the terminal of that session.
    opened = [
        (os.POSIX_SPAWN_OPEN, 0, launch.terminal, os.O_RDWR, 0),
        (os.POSIX_SPAWN_DUP2, 0, 1),
        (os.POSIX_SPAWN_DUP2, 0, 2),
    ]
    pid = _spawn_or_say(launch, path, argv=argv, actions=opened + actions)
    return Started(pid, launch.stdout, launch.stderr)


def _spawn_or_say(launch: Launch, path: str, *, argv: List[str], actions: Any) -> int:
    try:
        return _posix_spawn(launch, path, argv=argv, actions=actions)
    except OSError as error:
        if error.errno == errno.ENOEXEC and path != "/bin/sh":
            # A text without "#!": the shell reads it, as every shell would have.
            by_shell = ["/bin/sh", path, *argv[1:]]
            return _spawn_or_say(launch, "/bin/sh", argv=by_shell, actions=actions)
        if error.errno == errno.ENOENT:
            raise _not_found(f"{path} (or the interpreter it names)") from error
        if error.errno in (errno.EACCES, errno.EPERM):
            raise _not_executable(path) from error
        raise _spawn_error(error) from error


def _posix_spawn(launch: Launch, path: str, *, argv: List[str], actions: Any) -> int:
    try:
        return os.posix_spawn(
            path,
            argv,
            launch.env,
            file_actions=actions,
            setsid=True,
            setsigmask=[],
            setsigdef=_TO_DEFAULT,
        )
    except ValueError as error:
        # A zero byte or a "=" where none may be.
        raise Unstartable(reason("spawn", error=str(error))) from error


class _Opened:
    """The three files of an attempt, opened here so that a failure has a path."""

    def __init__(self, launch: Launch) -> None:
        self.fds: List[int] = []
        self.paths: List[str] = []
        self._launch = launch

    def __enter__(self) -> "_Opened":
        launch = self._launch
        try:
            self._take(*_open_stdin(launch.stdin))
            mode = launch.output_mode
            self._take(*open_output(launch.stdout, is_ours=launch.out_is_ours, mode=mode))
            if launch.stderr == launch.stdout:
                self._take(os.dup(self.fds[1]), self.paths[1])
            else:
                self._take(
                    *open_output(launch.stderr, is_ours=launch.err_is_ours, mode=mode)
                )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for fd in self.fds:
            os.close(fd)

    def _take(self, fd: int, path: str) -> None:
        self.fds.append(fd)
        self.paths.append(path)


def _open_stdin(path: str) -> Tuple[int, str]:
    try:
        # Not waiting: a fifo nobody writes to would hold up every job of the node.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.set_blocking(fd, True)
    except (OSError, ValueError) as error:
        what = f"its input {path}: {_said(error)}"
        raise Unstartable(reason("spawn", error=what)) from error
    return fd, path


def open_output(path: str, *, is_ours: bool, mode: str) -> Tuple[int, str]:
    """Open *path* for one attempt alone; a name that is taken gets a number behind it.

    Unless *mode* says to append to the file that is there, or to truncate it.

    Raises:
        Unstartable: it cannot be opened.
    """
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if _is_device(path):
            return os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC), path
        if is_ours:
            # The name is the attempt's own: what lies there is from a start that failed.
            return os.open(path, _WRITE | os.O_CLOEXEC, _MODE), path
        if mode in _TAKEN:
            return os.open(path, _TAKEN[mode] | os.O_CLOEXEC, _MODE), path
        return _open_free(path)
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) in _NO_SPACE:
            raise Unstartable(reason("disk", what=path)) from error
        why = reason("output", path=path, error=_said(error))
        raise Unstartable(why) from error


def _is_device(path: str) -> bool:
    try:
        return stat.S_ISCHR(os.stat(path).st_mode)
    except OSError:
        return False


def _open_free(path: str) -> Tuple[int, str]:
    name, count = path, 0
    while True:
        try:
            return os.open(name, _NEW | os.O_CLOEXEC, _MODE), name
        except FileExistsError:
            count += 1
            name = f"{path}.{count}"


def _said(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _not_found(what: str) -> Unstartable:
    return Unstartable(reason("not_found", what=what), _NOT_FOUND)


def _not_executable(what: str) -> Unstartable:
    return Unstartable(reason("not_executable", what=what), _NOT_EXECUTABLE)


def _spawn_error(error: OSError) -> Unstartable:
    if error.errno in _NO_SPACE:
        return Unstartable(reason("disk", what=error.strerror))
    return Unstartable(reason("spawn", error=_said(error)))
