"""``python -m rota.agent``: one agent in the foreground, or the end of a home's jobs."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, Callable, Dict, List, Optional, TypeVar

from rota.agent import VERSION, killing, leaving, program
from rota.agent.dial import check
from rota.agent.shepherd import LINGER_MS
from rota.core.units import DISK, parse_duration, parse_size

KILL_MS_MAX = 120_000
LEAVE_MS_MAX = 10_000

T = TypeVar("T")


def _typed(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Return *parse* as argparse wants it: its sentence reaches the user."""

    def parsed(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed


def _addresses(text: str) -> List[str]:
    return [check(url) for url in text.split(",") if url] or [check(text)]


_urls, _size, _duration = _typed(_addresses), _typed(parse_size), _typed(parse_duration)


def main(argv: Optional[List[str]] = None) -> int:
    """Do what *argv* says; return the exit code."""
    parser = _parser()
    args = parser.parse_args(argv)
    home = os.path.abspath(args.home or _default_home())
    if args.kill_jobs:
        return killing.kill_jobs(home, grace_ms=args.grace, timeout_ms=KILL_MS_MAX)
    if args.leave:
        return leaving.leave(home, timeout_ms=LEAVE_MS_MAX)
    if not args.server:
        parser.error("--server is missing: unix:/path or http://host:port")
    return program.run(
        program.Settings(
            servers=args.server,
            token_file=args.token_file and os.path.abspath(args.token_file),
            home=home,
            name=args.name or os.uname().nodename,
            cores=args.cores,
            memory=args.memory,
            gpus=args.gpus,
            disk=args.disk,
            labels=args.label,
            requires=args.require,
            resources=_amounts(parser, args.resource),
            linger_ms=args.linger,
            idle_ms=args.idle,
            scratch=args.scratch and os.path.abspath(args.scratch),
            lifetime_ms=args.lifetime,
            uid_min=_uid_min(parser, args, home),
            probes=args.probe,
        )
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rota agent",
        description="Offer this machine to a Rota server and run what it sends.",
    )
    add = parser.add_argument
    add("--server", metavar="URL[,URL]", type=_urls,
        help="unix:/path or http://host:port, of each server that may lead")  # fmt: skip
    add("--token-file", metavar="FILE", help="holds the token it shows the server")
    add("--home", metavar="DIR", help="where it keeps journals and outputs")
    add("--name", type=_word, help="name of this node (its host name)")
    add("--cores", metavar="N", type=_count, help="offer so many cores (all)")
    add("--memory", metavar="SIZE", type=_size, help="offer so much memory (all)")
    add("--disk", metavar="SIZE", type=_size, help="offer so much scratch space (what is "
        "free where its home is)")  # fmt: skip
    add("--gpus", metavar="IDS", type=_ids, help="offer these devices, such as 0,1 (all)")
    words: Dict[str, Any] = {"metavar": "L", "action": "append", "type": _word}
    add("--label", default=[], help="a word it offers", **words)
    add("--require", default=[], help="a word a job must ask for to be let in", **words)
    add(
        "--resource",
        metavar="NAME=N",
        action="append",
        default=[],
        help="what it can count",
    )
    add("--probe", metavar="COMMAND", action="append", default=[],
        help="a shell line that must end with 0 for it to take work")  # fmt: skip
    add("--idle", metavar="TIME", type=_duration, help="end after so long without server "
        "and without jobs (never)")  # fmt: skip
    add("--scratch", metavar="DIR", help="with --idle: remove this folder then")
    add("--leave", action="store_true", help="end the agent of this home if it has no job")
    add(
        "--lifetime",
        metavar="TIME",
        type=_duration,
        help="this machine is ours for so long only, from now on",
    )
    add("--as-users", action="store_true", help="run each job under the account of who "
        "handed it in; only root can")  # fmt: skip
    add("--uid-min", metavar="UID", type=int, default=1000, help="with --as-users: of "
        "users from this id on (1000)")  # fmt: skip
    add("--kill-jobs", action="store_true", help="end all that runs in this home; exit")
    add("--grace", metavar="TIME", type=_duration, help="with --kill-jobs: before KILL")
    add("--linger", type=_duration, default=LINGER_MS, help=argparse.SUPPRESS)
    add("--version", action="version", version=f"rota agent {VERSION}")
    return parser


def _uid_min(
    parser: argparse.ArgumentParser, args: argparse.Namespace, home: str
) -> Optional[int]:
    """Return from which user id on jobs run under their users' accounts; None: none do."""
    if not args.as_users:
        return None
    if os.getuid() != 0:
        parser.error("--as-users needs root: nobody else can become another user")
    shut = [path for path in _folders_above(home) if not _is_open(path)]
    if shut:
        parser.error(
            f"users cannot enter {shut[0]}; with --as-users choose a --home below folders "
            "that everybody may pass through, such as /var/lib/rota"
        )
    os.makedirs(home, 0o711, exist_ok=True)
    os.chmod(home, 0o711)
    return int(args.uid_min)


def _folders_above(path: str) -> List[str]:
    above = os.path.dirname(path)
    return [above] if above == "/" else [*_folders_above(above), above]


def _is_open(folder: str) -> bool:
    try:
        return bool(os.stat(folder).st_mode & 0o001)
    except FileNotFoundError:
        return True


def _default_home() -> str:
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(os.environ.get("ROTA_HOME") or os.path.join(state, "rota"), "node")


def _count(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 65536")
    return int(text)


def _ids(text: str) -> List[int]:
    words = [word for word in text.split(",") if word]
    if not all(word.isdigit() for word in words):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers such as 0,1")
    return sorted({int(word) for word in words})


def _word(text: str) -> str:
    if not 0 < len(text) < 256 or not text.isprintable() or " " in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not a word")
    return text


def _amounts(parser: argparse.ArgumentParser, texts: List[str]) -> Dict[str, int]:
    amounts: Dict[str, int] = {}
    for text in texts:
        name, _, amount = text.partition("=")
        if name == DISK:
            parser.error(
                f"--resource {text!r}: scratch space is --disk, such as --disk 1TB"
            )
        if not name or not amount.isdigit():
            parser.error(f"--resource {text!r} is not NAME=N, such as tape=2")
        amounts[name] = int(amount)
    return amounts


if __name__ == "__main__":
    sys.exit(main())
