"""``rota up``: the server and an agent on this machine, in the foreground or detached.

rota up ──starts──→ python -m rota.server --home DIR --agent …
   │ waits until HOME/server.json is written: ready
   ╰ --detach: says where it is and leaves;  else: a live line until Ctrl-C
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from rota.client.find import home_of, read_status
from rota.faces import terminal
from rota.faces.homes import is_served, status_of
from rota.faces.options import count, size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

READY_S = 60.0
LOG, AGENT_LOG, LOG_SHOWN = "server.log", "agent.log", 20
LIVE_S = 2.0
OF_SERVER = ("listen", "cluster", "cert", "key", "database", "blobs", "config")
SHOWN = ("url", "home", "server_pid", "agent_pids", "tcp", "version")

EPILOG = """\
  rota up                      here, in the foreground; Ctrl-C stops it
  rota up --detach             in the background; rota down stops it
  rota up --cores 4 --memory 8GB --label fast
Jobs that run outlive the server and its agent; the next rota up takes them up again.
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``up`` takes."""
    add = parser.add_argument
    add("--detach", action="store_true", help="leave it running and return")
    add("--listen", metavar="HOST:PORT", help="where on TCP [127.0.0.1, a free port]")
    add("--no-tcp", action="store_true", help="only the unix socket in the home")
    add("--cluster", metavar="FILE", type=os.path.abspath,
        help="machines that agents are started on by ssh")  # fmt: skip
    add("--cert", metavar="FILE", type=os.path.abspath, help="the site's own certificate")
    add("--key", metavar="FILE", type=os.path.abspath, help="its key [in the same file]")
    add("--cores", type=count, metavar="N", help="how many cores the agent offers [all]")
    add("--memory", type=size, metavar="SIZE", help="how much memory it offers [all]")
    add("--gpu", action="append", default=[], metavar="ID", help="a gpu that it offers")
    add("--name", metavar="NAME", help="what to call this node [its host name]")
    add("--label", action="append", default=[], metavar="WORD", help="a label of the node")
    add("--probe", action="append", default=[], metavar="COMMAND",
        help="a shell line that must end with 0 for the node to take work")  # fmt: skip
    add("--resource", action="append", default=[], metavar="NAME=N",
        help="something else that it offers")  # fmt: skip
    add("--config", metavar="FILE", type=os.path.abspath,
        help="queues, limits, licences … [config.yaml in the home]")  # fmt: skip
    add("--database", metavar="URL", help="where to keep the queue [SQLite in the home]")
    add("--blobs", metavar="PLACE", type=_place,
        help="where to keep files of jobs: a folder, or s3://… [in the home]")  # fmt: skip


def _place(text: str) -> str:
    return text if "://" in text else os.path.abspath(text)


def run(args: Namespace) -> int:
    """Start server and agent."""
    home = home_of(args.home)
    _refuse_second(home)
    command = server_command(home, args)
    return _detached(home, command, args) if args.detach else _attached(home, command, args)


def server_command(home: str, args: Namespace) -> list[str]:
    """Return the command line that starts the server with its agent."""
    command = [sys.executable, "-m", "rota.server", "--home", home, "--agent"]
    for name in (*OF_SERVER, "name", "cores", "memory"):
        value = getattr(args, name)
        if value is not None:
            command += [f"--{name}", str(value)]
    for name in ("label", "resource", "gpu", "probe"):
        for value in getattr(args, name):
            command += [f"--{name}", value]
    return command + (["--no-tcp"] if args.no_tcp else [])


def _refuse_second(home: str) -> None:
    if not is_served(home):
        return
    from rota.core.errors import Conflict

    status = read_status(home)
    pid = status.get("server_pid")
    who = f"process {pid} at {status.get('url')}" if pid else "a server that is starting"
    raise Conflict(f"{home} is served already, by {who}; rota down stops it")


def _detached(home: str, command: list[str], args: Namespace) -> int:
    os.makedirs(home, mode=0o700, exist_ok=True)
    path = os.path.join(home, LOG)
    with open(path, "ab", opener=_private) as log:
        start = log.tell()
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    code = _until_ready(home, server)
    if code is not None:
        _show_log(path, start)
        return code or 125
    _tell(read_status(home), args)
    return 0


def _attached(home: str, command: list[str], args: Namespace) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    # A process group of its own: Ctrl-C reaches this program, and it tells the server.
    server = subprocess.Popen(
        [*command, "--log", os.path.join(home, LOG)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, process_group=0,
    )  # fmt: skip
    try:
        code = _until_ready(home, server)
        if code is None:
            _tell(read_status(home), args)
            code = _watch(home, server, args)
    except KeyboardInterrupt:
        code = 0
    finally:
        server.terminate()
        ended = server.wait()
    _say_stopped(home)
    return code or (ended if ended > 0 else 0)


def _until_ready(home: str, server: subprocess.Popen[bytes]) -> int | None:
    """Wait until the server is ready; return its exit code when it ended instead."""
    deadline = time.monotonic() + READY_S
    pause_s = 0.02
    while time.monotonic() < deadline:
        code = server.poll()
        if code is not None:
            return code or 125
        if status_of(home).get("server_pid") == server.pid:
            return None
        time.sleep(pause_s)
        pause_s = min(0.25, pause_s * 1.3)
    from rota.core.errors import Unreachable

    server.terminate()
    raise Unreachable(f"the server was not ready after {READY_S:.0f} s; see {home}/{LOG}")


def _tell(status: dict[str, Any], args: Namespace) -> None:
    if args.json:
        terminal.show_json("up", {name: status.get(name) for name in SHOWN})
        sys.stdout.flush()
        return
    terminal.out(f"server  {status.get('url')}  (process {status.get('server_pid')})")
    if status.get("tcp"):
        bare = str(status["tcp"]).partition("#")[0]
        terminal.out(f"web     {page_url(status) if terminal.is_live() else bare}")
    for url in status.get("urls") or ():
        terminal.out(f"others  ROTA_SERVER={url}")
    terminal.out(f"home    {status.get('home')}")
    if not _node_is_up(str(status["home"])):
        terminal.say(f"its agent has not come yet; see {status['home']}/{AGENT_LOG}")
    elif args.detach:
        terminal.say("try: rota run -- hostname      stop: rota down")
    sys.stdout.flush()


def _node_is_up(home: str) -> bool:
    from rota.client.http import Client

    with Client(home=home) as client:
        return any(node.state != "unreachable" for node in client.nodes())


def page_url(status: dict[str, Any]) -> str:
    """Return the address of the web page, with the token that opens it when one is read."""
    from rota.client.find import parse_address, token_for

    tcp = str(status["tcp"])
    token = token_for(parse_address(tcp), home=str(status["home"]), env={})
    site = tcp.partition("#")[0]  # a browser asks its user about the certificate
    return f"{site}/?token={token}" if token else site


def _watch(home: str, server: subprocess.Popen[bytes], args: Namespace) -> int:
    """Show a live line, if anybody is looking, until the server ends."""
    is_live = terminal.is_live(to_stderr=True) and not args.json
    while True:
        try:
            return server.wait(LIVE_S if is_live else None)
        except subprocess.TimeoutExpired:
            sys.stderr.write(f"\r\033[K{_live_line(home)}")
            sys.stderr.flush()


def _live_line(home: str) -> str:
    from rota.client.http import Client
    from rota.core.errors import RotaError
    from rota.faces.stat import summary

    try:
        with Client(home=home) as client:
            return terminal.clean(summary(client.stat()))[: terminal.width() - 1]
    except RotaError as error:
        return terminal.clean(error.sentence)[: terminal.width() - 1]


def _say_stopped(home: str) -> None:
    if terminal.is_live(to_stderr=True):
        sys.stderr.write("\r\033[K")
    terminal.say(f"stopped; jobs that run go on, and rota up in {home} takes them up again")


def _show_log(path: str, start: int) -> None:
    with open(path, "rb") as log:
        log.seek(start)
        lines = log.read().decode("utf-8", "replace").splitlines()
    # What the server says on its way out is a sentence; the log around it is for later.
    said = [line for line in lines if line.startswith("rota server: ")]
    for line in said or lines[-LOG_SHOWN:]:
        terminal.say(terminal.clean(line))
    if not lines:
        terminal.say(f"rota: the server ended at once and said nothing; see {path}")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
