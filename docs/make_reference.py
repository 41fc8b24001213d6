"""Write docs/reference from the code, or say where page and code differ.

python docs/make_reference.py            write every page
python docs/make_reference.py --check    exit 1 if a page is not as it would be written

formats.settings → config.md
core.fields     → job-file.md, job.schema.json     core.lifecycle → states.md
core.reasons    → reasons.md                       core.errors    → exit-codes.md
faces           → cli.md                           server.openapi → rest.md
names of tests  → guarantees.md, of which each number must have one
below, in VARIABLES → environment.md, which must name every ROTA_… of the source
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import guarantees

from rota.core import errors, lifecycle
from rota.core.fields import FIELDS, GROUPS, PLANNED, Field, job_file_schema
from rota.core.lifecycle import ASKABLE, FINAL, MOVES, State
from rota.core.reasons import ENDED, NODE, REASONS, WAITS
from rota.faces.config import EPILOG
from rota.formats.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
MADE = "<!-- Made by docs/make_reference.py from the code; edit that. -->\n\n"

EXIT_CODES: Mapping[str, str] = {
    "0": "all is well; of `run` and `wait`: every job ended well",
    "1 … 123": "of `run` and `wait`: the exit code of the job, of several the worst;"
    " `1` of `grep`: nothing matched",
    "2": "the command line or the request makes no sense, or the answer is no;"
    " of `wait`: what is left is held as a job it depends on did not end as asked",
    "124": "of `run` and `wait`: the time limit of the job, or `--timeout`, has passed",
    "125": "Rota itself failed: no server answers, the disk is full, a bug",
    "126": "of `run` and `wait`: the command was found but cannot be executed",
    "127": "of `run` and `wait`: the command was not found",
    "128 + N": "of `run` and `wait`: the job was ended by signal N",
}

VARIABLES: Mapping[str, tuple[str, str]] = {
    "ROTA_HOME": ("you", "the home of server and queue; else `$XDG_STATE_HOME/rota`"),
    "ROTA_SERVER": (
        "you",
        "the server's address, `unix:PATH` or `http://HOST:PORT`;"
        " several with commas, if any of them may lead",
    ),
    "ROTA_TOKEN_FILE": (
        "you",
        "the file with your token, for an address of the second kind",
    ),
    "ROTA_AGENT_CGROUPS": ("you", "for the agent: `none` leaves cgroups alone"),
    "ROTA_LOG_FORMAT": (
        "you",
        "for the server: `json` makes each line of its log one object",
    ),
    "ROTA_EVENT": ("Rota", "for a command of `notify`: start, end, fail or digest"),
    "ROTA_SUBJECT": ("Rota", "for a command of `notify`: what happened, in one line"),
    "ROTA_JOB_ID": ("Rota", "the number of the job"),
    "ROTA_TASK_ID": ("Rota", "the index of the task; 0 without an array"),
    "ROTA_ATTEMPT": ("Rota", "which try at the task this is, from 1"),
    "ROTA_RESTART": ("Rota", "how many tries there were before; not set at the first"),
    "ROTA_CORES": ("Rota", "how many cores the task has, on all its nodes"),
    "ROTA_NODELIST": ("Rota", "the names of its nodes, with commas between"),
    "ROTA_RANKS": ("Rota", "how many ranks it has room for: cores, or cores / `threads`"),
    "ROTA_HOSTFILE": ("Rota", "a file with one line for each rank: the name of its node"),
    "ROTA_HOSTFILE_OPENMPI": ("Rota", "the same for Open MPI: `node slots=N`"),
    "ROTA_SPREAD": ("Rota", "in a job of several nodes: the program that is `rota spread`"),
    "ROTA_RANK": ("Rota", "started by `rota spread`: which rank it is, from 0 on"),
    "ROTA_LOCAL_RANK": ("Rota", "likewise: which of those on its node"),
    "ROTA_LOCAL_RANKS": ("Rota", "likewise: how many there are on its node"),
    "ROTA_NODE_RANK": ("Rota", "likewise: which of the nodes, from 0 on"),
    "ROTA_NODE": ("Rota", "likewise: the name of its node"),
    "ROTA_HOSTFILE_MPICH": ("Rota", "the same for MPICH, Intel MPI and MVAPICH: `node:N`"),
    "ROTA_PROGRESS": ("Rota", "a file the task may write its progress to: `i / n`, `NN%`"),
    "ROTA_REQUEUE": ("Rota", "a file the task makes to be run again, elsewhere or later"),
    "ROTA_ITEM": ("Rota", "the value of {item} of the task"),
    "ROTA_VAR_<name>": ("Rota", "the value of the vector *name* of the task"),
}


def main() -> int:
    """Write or check every page; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    if parser.parse_args().check:
        complaints = differences()
        print("\n".join(complaints) or f"{len(PAGES)} pages are as the code says")
        return 1 if complaints else 0
    FOLDER.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
    return 0


def differences() -> list[str]:
    """Return a sentence for each page that is not what the code says."""
    cure = "run python docs/make_reference.py"
    found = []
    for name, make in PAGES.items():
        path = FOLDER / name
        if not path.exists():
            found.append(f"docs/reference/{name} is missing; {cure}")
        elif path.read_text(encoding="utf-8") != make():
            found.append(f"docs/reference/{name} is not what the code says; {cure}")
    return [*found, *_unnamed_variables(), *guarantees.unproved()]


def job_file() -> str:
    """Return the page of all job keys."""
    parts = [_JOB_FILE]
    for group, heading in GROUPS.items():
        rows = [row for row in FIELDS.values() if row.group == group]
        parts.append(f"\n## {heading}\n\n" + _table(
            ("key", "means", "value", "if not given", "example"), map(_key_row, rows)
        ))  # fmt: skip
    aliases = [
        (f"`{alias}`", f"`{row.name}`") for row in FIELDS.values() for alias in row.aliases
    ]
    options = [
        (f"`{row.name}`", f"`{row.option} {row.kind.metavar}`")
        for row in FIELDS.values() if row.option
    ]  # fmt: skip
    planned = ", ".join(f"`{key}`" for key in sorted(PLANNED))
    parts += [
        "\n## Other spellings\n\n", _table(("also accepted", "for"), aliases),
        "\n## As options\n\nOf `rota submit` and `rota run`, and in `#ROTA` lines.\n\n",
        _table(("key", "option"), options),
        "\n## Planned\n\nRefused by this version, so that nobody relies on them:"
        f" {planned}.\n",
    ]  # fmt: skip
    return MADE + "".join(parts)


def config() -> str:
    """Return the page of the operator's file."""
    rows = [(f"`{key}`", row.says, row.default) for key, row in SETTINGS.items()]
    example = "".join(f"{line}\n".removeprefix("  ") for line in EPILOG.splitlines())
    table = _table(("setting", "means", "if not given"), rows)
    return f"{MADE}{_CONFIG}\n```yaml\n{example}```\n\n{table}"


def schema() -> str:
    """Return the JSON Schema of a job file."""
    return json.dumps(job_file_schema(), indent=2, ensure_ascii=False) + "\n"


def states() -> str:
    """Return the page of states and moves, with the picture of their module."""
    picture = (lifecycle.__doc__ or "").split("\n\n")[1]
    rows = [
        (
            f"`{state}`",
            _MEANS[state],
            ", ".join(f"{move} → `{to}`" for move, to in MOVES[state].items()),
        )
        for state in State
    ]
    asked = ", ".join(sorted(str(move) for move in ASKABLE))
    final = ", ".join(f"`{state}`" for state in State if state in FINAL)
    return (
        f"{MADE}# States of a task\n\n"
        "A job without an array is one task. An array is called by the liveliest state of"
        " its tasks; its view has the count of each. Why a task is where it is says its"
        " [reason](reasons.md), never the state's name.\n\n"
        f"```text\n{textwrap.dedent(picture)}\n```\n\n"
        f"{_table(('state', 'means', 'moves'), rows)}\n"
        f"Users ask for these moves: {asked} (`rota kill` is cancel). {final} are final:"
        " only `rerun` leads out of them, and it opens a new attempt.\n"
    )


def reasons() -> str:
    """Return the page of all reasons."""
    parts = [
        f"{MADE}# Reasons\n\nEvery wait, refusal and end has one: a code for programs, a"
        " sentence for people, and what was measured. `rota why`, lists, the API and the"
        " log give the same. Codes are frozen; words in braces are filled in.\n"
    ]
    headings = {
        WAITS: "Why a task waits",
        ENDED: "Why an attempt or a task ended",
        NODE: "Why a node takes no work",
    }
    for kind, heading in headings.items():
        rows = [(f"`{c}`", row.sentence) for c, row in REASONS.items() if row.kind == kind]
        parts.append(f"\n## {heading}\n\n{_table(('code', 'sentence'), rows)}")
    return "".join(parts)


def exit_codes() -> str:
    """Return the page of exit codes and of the errors of the API."""
    codes = _table(("code", "means"), [(f"`{c}`", says) for c, says in EXIT_CODES.items()])
    rows = [
        (f"`{cls.kind}`", str(cls.status), str(cls.exit_code), _sentence(cls))
        for cls in _tree(errors.RotaError) if cls is not errors.RotaError
    ]  # fmt: skip
    return (
        f"{MADE}# Exit codes and errors\n\n## Of the command\n\n{codes}"
        "\n## Of the API\n\nThe body of an error is `{kind, error, complaints:"
        " [{field, problem, remedy, where}]}`; *error* is the sentence, *complaints* lists"
        " all that is wrong with a request.\n\n"
        + _table(("kind", "HTTP status", "exit code", "means"), rows)
    )


def cli() -> str:
    """Return the page of all verbs, from their own parsers."""
    from rota.faces.reference import reference_text

    return MADE + reference_text()


def rest() -> str:
    """Return the page of all routes, from the OpenAPI document."""
    from rota.server.openapi import document

    rows = []
    for path, methods in document("0")["paths"].items():
        for method, told in methods.items():
            names = [p["name"] for p in told.get("parameters", []) if p["in"] == "query"]
            query = ", ".join(f"`{name}`" for name in names)
            good = ", ".join(code for code in told["responses"] if code < "300")
            rows.append(
                (
                    f"`{method.upper()} {path}`",
                    told["summary"].replace("``", "`"),
                    query,
                    told.get("x-rota-role", "anybody"),
                    good,
                )
            )
    return f"{MADE}{_REST}\n" + _table(
        ("route", "does", "query", "takes the role", "answers"), rows
    )


def environment() -> str:
    """Return the page of environment variables."""
    given = [(f"`{n}`", says) for n, (who, says) in VARIABLES.items() if who == "you"]
    seen = [(f"`{n}`", says) for n, (who, says) in VARIABLES.items() if who == "Rota"]
    return (
        f"{MADE}# Environment variables\n\n## That you may set\n\n"
        + _table(("variable", "means"), given)
        + "\n## That a job sees\n\nBesides these a job has what `env` and `env_policy` say,"
        " a private `TMPDIR`, `OMP_NUM_THREADS` and its like set to its cores, and"
        " `CUDA_VISIBLE_DEVICES` set to its GPUs.\n\n" + _table(("variable", "means"), seen)
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "job-file.md": job_file,
    "job.schema.json": schema,
    "config.md": config,
    "states.md": states,
    "reasons.md": reasons,
    "exit-codes.md": exit_codes,
    "cli.md": cli,
    "rest.md": rest,
    "environment.md": environment,
    "guarantees.md": lambda: MADE + guarantees.page(),
}
"""{file in docs/reference: what makes its text}."""

_CONFIG = """\
# The operator's file

`config.yaml` in the home of the server, or the file that `rota up --config FILE` names. It
is read at the start, on SIGHUP and on `rota config --reload`; a file that is wrong changes
nothing. `rota config --check FILE` says what is wrong with one, `rota config` what is in
force. What a queue's defaults say stands below what a job says and above what is built in.
"""

_JOB_FILE = """\
# The job file

A job is a mapping of keys to values, in YAML, JSON or TOML. The same keys stand in `#ROTA`
lines at the head of a script and are the options of `rota submit`:

```yaml
command: ./model --steps 100
cores: 4
memory: 10GB
time: 2h
```

```sh
#!/bin/sh
#ROTA cores: 4; memory: 10GB
#ROTA --time=2h
./model --steps 100
```

A file holds one job, a list of jobs, YAML documents after `---`, or `jobs:` with
`defaults:` for all of them. What is said in several places holds in this order: option,
`#ROTA` line, file, queue, built-in.

* Sizes and durations have units: `512MB`, `10GB` (powers of 1024); `90s`, `15m`, `1h30m`,
  `2d`, `00:10:00`, `1-12:00:00`. A number without a unit is refused.
* YAML words are text where text is wanted: `name: 007` and `env: {V: 3.10}` stay as
  written, and `no` is not false.
* Unknown keys are refused, with the nearest known one.
* `{task}`, `{job}`, `{attempt}`, `{name}`, `{item}` and `{your_vector}` are filled in, into
  shell text as data: a value never becomes a command. `${task}` is left to the shell.

[job.schema.json](job.schema.json) is the same as JSON Schema. Editors that read YAML with
it complain about unquoted numbers where text is wanted; Rota does not.
"""

_REST = """\
# The REST API

All of it is under `/api/v1`, JSON in and out; the full description is served at
`/api/openapi.json` (OpenAPI 3.1). On the unix socket the kernel says who is asking; over
TCP a header `Authorization: Bearer TOKEN` does. Errors are those of
[exit-codes.md](exit-codes.md). What changes something may say why in the header
`X-Rota-Why`, percent-encoded, for the audit log. Times are ISO 8601 in UTC, sizes bytes,
durations seconds.
"""

_MEANS: Mapping[State, str] = {
    State.SUBMITTING: "handed in, not yet confirmed",
    State.HELD: "waits until somebody releases it, or what it waits for has happened",
    State.QUEUED: "could start as soon as there is room",
    State.PLACED: "has its place on a node, and is on its way there",
    State.RUNNING: "its first process runs",
    State.SUSPENDED: "stopped for a while, keeps its memory",
    State.DONE: "ended well",
    State.FAILED: "ended otherwise, and will not be tried again by itself",
    State.CANCELLED: "ended because somebody or something asked for it",
}


def _key_row(row: Field) -> tuple[str, ...]:
    example = json.dumps(row.example, ensure_ascii=False)
    if isinstance(row.example, str) and not re.search(r"[#:{\[\\&*!|>'\"%@`]", row.example):
        example = row.example
    return (f"`{row.name}`", row.says, row.kind.shape, row.default, f"`{example}`")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    cells = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def _tree(cls: Any) -> Iterable[Any]:
    yield cls
    for sub in cls.__subclasses__():
        if sub.__module__ == errors.__name__:
            yield from _tree(sub)


def _sentence(cls: type) -> str:
    return (cls.__doc__ or "").split("\n\n")[0].replace("\n", " ").split(";")[0].rstrip(".")


def _unnamed_variables() -> list[str]:
    """Complain about variables that the source reads or sets and no page names, or back."""
    text = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")
    )
    used = set(re.findall(r"\"(ROTA_[A-Z]+(?:_[A-Z]+)*)\"", text))
    named = {name for name in VARIABLES if "<" not in name}
    told = [
        f"{name} is in the source but not in VARIABLES" for name in sorted(used - named)
    ]
    return told + [f"{name} is in VARIABLES only" for name in sorted(named - used)]


if __name__ == "__main__":
    sys.exit(main())
