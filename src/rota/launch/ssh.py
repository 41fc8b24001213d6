"""Agents on machines that one can reach by ssh: the commands, and what comes back.

    settle   ssh HOST sh -c …   a Python is found, a folder made, the agent file put there
    hold     ssh -R …  HOST     the server's socket appears in that folder, the agent is
                                started unless it runs, and the line is held
    leave    ssh HOST …         the agent ends and takes its folder along, unless jobs run

The user's own OpenSSH is called as the user calls it: its configuration, agent, jumps and
known hosts count, and it may not ask questions.  Nothing listens on the network there: the
agent finds a unix socket, which leads through the very connection that started it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from shlex import join, quote
from typing import NamedTuple

from rota.formats.cluster import SshNode
from rota.launch.contract import Command, LaunchFailed, Output

OPTIONS = ("-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20")
HOLDING = (
    "-o", "ExitOnForwardFailure=yes", "-o", "ServerAliveInterval=15",
    "-o", "ServerAliveCountMax=4",
)  # fmt: skip
PYTHONS = (
    "python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10",
    "python3.9", "/usr/bin/python3", "python",
)  # fmt: skip
READY = "rota-holds"
NO_PYTHON, NO_FOLDER = 71, 72

_NEW = "import sys; sys.exit(sys.version_info < (3, 9))"
_SETTLE = """
import json, os, stat, sys
said = json.loads(sys.stdin.readline())
folder = said["scratch"] or os.environ.get("TMPDIR") or "/tmp"
folder = os.path.abspath(os.path.expanduser(folder))
place = os.path.join(folder, "rota-%d-%s" % (os.getuid(), said["name"]))
def stop(why):
    sys.stderr.write(why + "\\n")
    sys.exit(72)
def put(name, data):
    fresh = os.path.join(place, "." + name)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "wb") as out:
        out.write(data)
    os.replace(fresh, os.path.join(place, name))
try:
    try:
        os.mkdir(place, 0o700)
    except FileExistsError:
        pass
    state = os.lstat(place)
    ours = stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid()
    if not ours or state.st_mode & 0o077:
        stop("%s is there and is not ours alone" % place)
    import base64
    for name, text in sorted(said["files"].items()):
        put(name, base64.b64decode(text))
except OSError as error:
    stop("cannot write %s: %s" % (place, error.strerror))
print(json.dumps({"place": place, "python": sys.executable}))
"""


class Settled(NamedTuple):
    """Where an agent lives on its node, and the Python that it runs with."""

    place: str
    python: str


def settle(
    node: SshNode, *, ssh: Sequence[str], name: str, files: Mapping[str, bytes]
) -> Command:
    """Return the command that puts *files* into a folder of their own on *node*.

    Args:
        name: what the folder is called after; the same one finds the same folder again.
    """
    told = {
        "name": name,
        "scratch": node.scratch,
        "files": {key: base64.b64encode(data).decode() for key, data in files.items()},
    }
    wanted = " ".join(quote(one) for one in ((node.python,) if node.python else PYTHONS))
    code = base64.b64encode(_SETTLE.encode()).decode()
    run = f"import base64; exec(base64.b64decode('{code}'))"
    script = (
        f"for p in {wanted}; do command -v $p >/dev/null 2>&1 && $p -c {quote(_NEW)} "
        f"2>/dev/null && exec $p -c {quote(run)}; done; "
        f"for p in {wanted}; do $p --version; done 2>&1 | grep -i ^python; exit {NO_PYTHON}"
    )
    return Command(
        (*ssh, *OPTIONS, "--", node.host, _shell(script)), json.dumps(told) + "\n"
    )


def settled(output: Output) -> Settled:
    """Return what ``settle`` came to.

    Raises:
        LaunchFailed: with the command, what it said, and what to do.
    """
    if output.code == 0:
        last = output.out.strip().rpartition("\n")[2]
        try:
            told = json.loads(last)
            return Settled(str(told["place"]), str(told["python"]))
        except (ValueError, KeyError, TypeError):
            raise LaunchFailed(
                f"`{called(output.command)}` answered {last[:200]!r}: something in the "
                "login files of that account prints text; let it do so for terminals only"
            ) from None
    raise trouble(output)


def hold(
    node: SshNode,
    at: Settled,
    *,
    ssh: Sequence[str],
    socket: str,
    line: str,
    words: Sequence[str],
) -> Command:
    """Return the command that leads *socket*, ours, to *node*, and starts its agent.

    It says ``READY`` and then lasts as long as the connection and its standard input do.

    Args:
        line:  a new name for the socket's end there;  words: options of the agent
    """
    home = f"{at.place}/node"
    agent = join(
        [at.python, f"{at.place}/agent.pyz", "--server", f"unix:{at.place}/server",
         "--token-file", f"{at.place}/token", "--home", home, "--scratch", at.place, *words]
    )  # fmt: skip
    script = (
        f"cd {quote(at.place)} || exit 1; umask 077; ln -sfn {line} server; "
        f'for f in line-*; do [ "$f" = {line} ] || rm -f "$f"; done; '
        f"(setsid {agent} >>log 2>&1 </dev/null &); echo {READY}; exec cat >/dev/null"
    )
    return Command(
        (*ssh, *OPTIONS, *HOLDING, "-R", f"{at.place}/{line}:{socket}", "--", node.host,
         _shell(script))
    )  # fmt: skip


def leave(node: SshNode, at: Settled, *, ssh: Sequence[str], kill: bool = False) -> Command:
    """Return the command that ends the agent of *node* and all that it left there.

    Jobs that run go on, and the agent's folder stays for them; *kill* ends them first, and
    the folder stays until a server has taken how they ended.
    """
    agent = join([at.python, f"{at.place}/agent.pyz", "--home", f"{at.place}/node"])
    first = f"{agent} --kill-jobs; " if kill else ""
    script = f"[ -e {quote(at.place)}/agent.pyz ] || exit 0; {first}{agent} --leave"
    return Command((*ssh, *OPTIONS, "--", node.host, _shell(script)))


def last_words(node: SshNode, at: Settled, *, ssh: Sequence[str]) -> Command:
    """Return the command that shows what the agent of *node* wrote last."""
    script = f"tail -n 3 {quote(at.place)}/log"
    return Command((*ssh, *OPTIONS, "--", node.host, _shell(script)))


def agent_words(node: SshNode, *, idle: str) -> list[str]:
    """Return the options of *node*'s agent."""
    words = ["--name", node.name, "--idle", idle, "--linger", "2s"]
    if node.cores is not None:
        words += ["--cores", str(node.cores)]
    if node.memory is not None:
        words += ["--memory", f"{node.memory}B"]
    lists = {"--label": node.labels, "--require": node.requires, "--probe": node.probes}
    for option, values in lists.items():
        for value in values:
            words += [option, value]
    for key, amount in node.resources.items():
        words += ["--resource", f"{key}={amount}"]
    return words


_CURES = (
    (r"host key verification failed|remote host identification has changed",
     "its host key is not known or has changed: look at it yourself, `ssh {host}` once"),
    (r"permission denied",
     "the login was refused: see that `ssh {host}` works without a question "
     "(ssh-copy-id, ssh-add)"),
    (r"could not resolve|name or service not known|no address associated",
     "there is no such host: see its spelling in the cluster file and in ~/.ssh/config"),
    (r"connection refused|no route|timed out|timeout|unreachable|closed by",
     "it cannot be reached: is it up, and does ssh listen there?"),
    (r"remote port forwarding failed|forwarding",
     "its sshd does not forward sockets: AllowStreamLocalForwarding must be yes there"),
    (r"no space left|disk quota",
     "its scratch is full: free some, or name another folder (scratch: DIR)"),
    (r"read-only file system|permission|not ours|cannot write",
     "name a folder that can be written to (scratch: DIR)"),
)  # fmt: skip


def trouble(output: Output) -> LaunchFailed:
    """Return the error for an ssh that failed: the command, its words, what to do."""
    host = output.command.argv[-2]
    shown = f"`{called(output.command)}`"
    if output.code is None:
        return LaunchFailed(f"{shown} did not answer within {output.took_s:.0f} s")
    said = output.said or "it said nothing"
    if output.code == NO_PYTHON:
        there = output.out.strip().replace("\n", ", ") or "none at all"
        return LaunchFailed(
            f"{shown} found no Python of 3.9 or later (there is: {there}); install one, "
            "or say where it is (python: PATH)"
        )
    for pattern, cure in _CURES:
        if re.search(pattern, said.lower()):
            return LaunchFailed(f"{shown}: {said}; {cure.format(host=host)}")
    return LaunchFailed(f"{shown} ended with {output.code}: {said}")


def called(command: Command) -> str:
    """Return *command* as people would type it, without what is run there."""
    words = [word for word in command.argv[:-1] if word != "--"]
    shown = join(words)
    return shown if len(shown) < 300 else shown[:300] + " …"


def _shell(script: str) -> str:
    """Return one word for ssh: the login shell there may be any."""
    return f"exec sh -c {quote(script)}"
