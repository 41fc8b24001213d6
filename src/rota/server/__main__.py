"""``python -m rota.server``: one server in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rota.core.errors import RotaError

AGENT_OPTIONS = ("name", "cores", "memory", "label", "resource", "gpu", "probe")


def main(words: Sequence[str] | None = None) -> int:
    """Run a server as *words* say; return the exit code."""
    asked = parser().parse_args(words)
    os.umask(0o077)
    _log_to(asked.log)
    try:
        return _run(asked)
    except RotaError as error:
        print(f"rota server: {error.sentence}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    found = argparse.ArgumentParser("python -m rota.server", description=__doc__)
    add = found.add_argument
    add("--home", type=Path, default=default_home(), help="where its files live")
    add("--listen", default="127.0.0.1:0", metavar="HOST:PORT", help="its TCP address")
    add("--no-tcp", action="store_true", help="the unix socket only")
    add("--cluster", type=Path, metavar="FILE", help="machines to start agents on by ssh")
    add("--cert", type=Path, metavar="FILE", help="the site's own certificate, PEM")
    add("--key", type=Path, metavar="FILE", help="its key [in the same file]")
    add("--database", metavar="URL", help="a store other than SQLite in the home")
    add("--blobs", metavar="PLACE", help="where files of jobs lie: a folder, or s3://…")
    add("--config", type=Path, metavar="FILE", help="queues, limits … [HOME/config.yaml]")
    add("--json", action="store_true", help="say as JSON when it is ready")
    add("--log", type=Path, metavar="FILE", help="log there and not to standard error")
    add("--agent", action=argparse.BooleanOptionalAction, default=False,
        help="start an agent on this machine too")  # fmt: skip
    group = found.add_argument_group("of the local agent")
    for name in AGENT_OPTIONS:
        group.add_argument(f"--{name}", action="append", default=[])
    return found


def default_home() -> Path:
    """Return $ROTA_HOME, else the user's state folder for Rota."""
    told = os.environ.get("ROTA_HOME")
    if told:
        return Path(told)
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "rota"


def _run(asked: argparse.Namespace) -> int:
    import uvloop

    from rota.server.build import Options, serve

    agent: list[str] | None = None
    if asked.agent:
        agent = [
            word
            for name in AGENT_OPTIONS
            for value in getattr(asked, name)
            for word in (f"--{name}", value)
        ]
    options = Options(
        home=asked.home,
        listen=None if asked.no_tcp else asked.listen,
        database=asked.database,
        agent=agent,
        as_json=asked.json,
        config=asked.config.absolute() if asked.config else None,
        cluster=asked.cluster.absolute() if asked.cluster else None,
        cert=asked.cert.absolute() if asked.cert else None,
        key=asked.key.absolute() if asked.key else None,
        blobs=asked.blobs
        and (asked.blobs if "://" in asked.blobs else str(Path(asked.blobs).absolute())),
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve(options))


class JsonLines(logging.Formatter):
    """A line of JSON for each record: at, level, logger, message, and what was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as one line."""
        at = f"{self.formatTime(record, self.datefmt)}.{int(record.msecs):03d}Z"
        said = {"at": at, "level": record.levelname, "logger": record.name}
        said["message"] = record.getMessage()
        if record.exc_info:
            said["raised"] = self.formatException(record.exc_info)
        return json.dumps(said)


def _log_to(path: Path | None) -> None:
    handler: logging.Handler = logging.StreamHandler()
    if path is not None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = logging.FileHandler(path, delay=True)
    shown = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
    form = logging.Formatter(shown, "%Y-%m-%dT%H:%M:%S")
    if os.environ.get("ROTA_LOG_FORMAT") == "json":
        form = JsonLines(datefmt="%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    handler.setFormatter(form)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # What goes wrong in a request is logged once, by ``api``; uvicorn would repeat it.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)


if __name__ == "__main__":
    sys.exit(main())
