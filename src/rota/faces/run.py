"""``rota run``: hand in one job, pass its output through as it comes, exit as it does.

submit ──→ two threads copy stdout and stderr ──→ over: its exit code is ours
       ╰─→ a third sends what we read, if there is anything to read
   Ctrl-C on a terminal   once: leave the job alone and go, unless …
                          … twice: end it
   --pty                  the job has this terminal: faces/console.py
   no terminal, or TERM   end the job: whoever started us wants it over
   our output is closed   end the job, as a pipe would
"""

from __future__ import annotations

import signal
import sys
import threading
import time

from rota.client.views import FINAL
from rota.faces import terminal
from rota.faces.connect import client_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence
    from types import FrameType
    from typing import Any

    from rota.client.http import Client
    from rota.faces.keys import Asked

TAKES_COMMAND = True
SECOND_S = 3.0
"""So long after the first Ctrl-C a second one ends the job."""

WHY_S = 1.5
"""A job that has not started by then has a reason worth telling."""

NEVER_BEGAN = frozenset(
    ("not_found", "not_executable", "cwd", "output", "spawn", "killed", "dependency_failed")
)
"""Reasons for which there may well be no output to show."""

LAST_OUTPUT_S = 30.0
AWAY_S = 0.5
TERMINATED, PIPE_GONE = 143, 141

EPILOG = """\
  rota run -- make -j4
  rota run --cores 4 --memory 8GB -c './prepare && ./model'
  rota run --pty -- python3                      on a terminal; Ctrl-A d detaches
  sort big.txt | rota run -- uniq -c
What comes on a pipe, from a file or a terminal is the job's standard input, as with ssh:
in a loop that reads lines, say -n, or the first job reads them all.
"""


def options(parser: ArgumentParser) -> None:
    """Say what ``run`` takes: what ``submit`` does, for a single job."""
    from rota.faces.submit import job_options

    add = parser.add_argument
    add("-q", "--quiet", action="store_true", help="only its own output")
    add("--pty", action="store_true", help="on a terminal: this one, until you detach")
    add("-n", "--no-input", action="store_true", help="read nothing")
    job_options(parser)


def scan(words: Sequence[str]) -> Asked | None:
    """Return what *words* say, read without argparse; None when it should look."""
    from rota.faces.keys import scan as scan_keys

    flags = {"--json": "json", "--quiet": "quiet", "-q": "quiet", "--pty": "pty"}
    flags.update({"--no-input": "no_input", "-n": "no_input"})
    return scan_keys(words, flags=flags, takes_files=False)


def run(args: Any) -> int:
    """Run a job."""
    from rota.core.errors import Malformed
    from rota.faces.forward import Forward, has_input, open_input
    from rota.faces.submit import gathered, hand_in

    batch = gathered(args)
    many = {"array", "items", "lines", "vectors"}
    if len(batch.docs) != 1 or any(many & doc.keys() for doc in batch.docs):
        raise Malformed("rota run shows one job; for many use rota submit --wait")
    if args.pty:
        from rota.faces.console import with_terminal

        if args.json:
            raise Malformed("a terminal is for people: --pty has no --json")
        batch.docs[0] = with_terminal(batch.docs[0])
    client = client_of(args)
    wants = not (args.no_input or args.pty)
    reads = wants and has_input() and open_input(batch.docs)
    job = hand_in(client, batch)[0].id
    if not args.quiet:
        terminal.say(f"job {job}")
    if args.pty:
        from rota.faces.console import attend

        return attend(client, args, job=job)

    if reads:
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
        Forward(client_of(args), job).start()
    return watch(client, args, job=job)


def watch(client: Client, args: Any, *, job: int, bound: bool = False) -> int:
    """Show what *job* writes until it is over; return the exit code to leave with.

    *args* says which server (``server``, ``home``), and ``quiet`` and ``json``.
    A *bound* job ends with this process, however that ends.
    """
    return _Run(client, args, job=job, bound=bound).to_the_end()


class _Run:
    """One job that is being watched."""

    def __init__(self, client: Client, args: Any, *, job: int, bound: bool) -> None:
        self.client = client
        self.bound = bound
        self.args = args
        self.job = job
        self.pipe_gone = False
        self.trouble: list[str] = []
        self.quiet = args.quiet or args.json

    def to_the_end(self) -> int:
        """Watch the job until it is over, or until we are told to go; return our code."""
        try:
            signal.signal(signal.SIGTERM, _terminated)
            streams = () if self.args.json else (False, True)
            if self.bound:
                threading.Thread(target=self._hold, daemon=True).start()
            copies = [self._copy(to_stderr=stream) for stream in streams]
            self._watch()
            for copy in copies if not self.pipe_gone else ():
                copy.join(LAST_OUTPUT_S)
        except KeyboardInterrupt:
            return self._interrupted()
        except _Terminated:
            return self._end_it(TERMINATED)
        if self.pipe_gone:
            return self._end_it(PIPE_GONE)
        return self._result()

    def _watch(self) -> None:
        from rota.client.waiting import waited

        began, told = time.monotonic(), self.quiet
        for known in waited(self.client, [self.job], away=self._away):
            if self.pipe_gone:
                return
            waits = known.state[self.job] in ("queued", "held")
            if waits and not told and time.monotonic() - began > WHY_S:
                terminal.say(terminal.clean(self.client.why(self.job)["text"]))
                told = True

    def _copy(self, *, to_stderr: bool) -> threading.Thread:
        name = "stderr" if to_stderr else "stdout"
        thread = threading.Thread(target=self._pass_on, args=(name,), daemon=True)
        thread.start()
        return thread

    def _pass_on(self, stream: str) -> None:
        from rota.core.errors import RotaError
        from rota.faces.follow import Follower
        from rota.faces.log import write

        # A client is one connection, so each thread has its own.
        client = client_of(self.args)
        try:
            for piece in Follower(client, self.job, stream=stream, first=1).pieces():
                write(piece, to_stderr=stream == "stderr")
        except BrokenPipeError:
            self.pipe_gone = True
        except RotaError as error:
            self.trouble.append(f"its {stream} cannot be shown: {error.sentence}")

    def _hold(self) -> None:
        """Keep a line to the server open for as long as this process lives."""
        from rota.core.errors import RotaError, Unreachable

        client = client_of(self.args)
        while True:
            try:
                for _ in client.watch(jobs=[self.job], beat_s=3600.0, bind=True):
                    pass
            except Unreachable:
                time.sleep(AWAY_S)
            except RotaError as error:
                self.trouble.append(f"it is not bound to this: {error.sentence}")
                return

    def _interrupted(self) -> int:
        if self.bound or not sys.stdin.isatty():
            return self._end_it(130)
        try:
            terminal.say(f"\nCtrl-C again ends job {self.job}; without, it goes on alone …")
            time.sleep(SECOND_S)
        except KeyboardInterrupt:
            return self._end_it(130)
        terminal.say(
            f"job {self.job} goes on: `rota log -f {self.job}` shows its output, "
            f"`rota wait {self.job}` its exit code, `rota kill {self.job}` ends it"
        )
        return 130

    def _end_it(self, code: int) -> int:
        if self.client.job(self.job).state not in FINAL:
            if not self.quiet:
                terminal.say(f"ending job {self.job} …")
            self.client.kill(self.job)
        return code

    def _result(self) -> int:
        from rota.faces.wait import verdict

        view = self.client.job(self.job)
        if (view.get("reason") or {}).get("code") not in NEVER_BEGAN:
            for sentence in self.trouble:
                terminal.say(f"rota: {terminal.clean(sentence)}")
        if self.args.json:
            terminal.show_json("ran", {"exit_code": view.exit_code, "job": view.raw})
        elif not view.is_ok and not self.quiet:
            terminal.say(verdict(view))
        return view.exit_code

    def _away(self, text: str) -> None:
        if not self.quiet:
            terminal.say(terminal.clean(text) or "the server is back")


class _Terminated(Exception):
    """TERM came."""


def _terminated(number: int, frame: FrameType | None) -> None:
    # Once is enough: the job is being ended, and that is not to be broken off.
    signal.signal(number, signal.SIG_IGN)
    raise _Terminated
