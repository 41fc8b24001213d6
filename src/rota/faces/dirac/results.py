"""What jobs leave: ``doutput``, ``-get-output``, ``-peek``, ``dlogging``, ``-get-jdl``."""

from __future__ import annotations

import os

from rota.core.getopt import BadOption
from rota.faces.dirac.listing import chosen, needed
from rota.faces.foreign import tell
from rota.faces.terminal import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rota.faces.dirac.entry import Asked
    from rota.faces.foreign import Site

PEEK_LINES, PEEK_BYTES = 20, 65_536
HEADINGS = ("Status", "MinorStatus", "ApplicationStatus", "Time", "Source")


def output(asked: Asked, site: Site) -> int:
    """Bring the output sandboxes of jobs here, each into a folder of its number."""
    from rota.core.errors import RotaError, Unreachable

    if asked.get("JobGroup"):
        ids = [job.id for job in chosen(asked, site, ids=[]) if job.is_final]
    else:
        ids = needed(asked)
    code = 0
    for job in ids:
        to = asked.get("Dir") or "."
        to = to if "NoJobDir" in asked else os.path.join(to, str(job))
        try:
            os.makedirs(to, exist_ok=True)
            site.client.fetch(job, to=to)
        except Unreachable:
            raise
        except RotaError as error:
            tell(f"ERROR: {error.sentence}")
            code = 1
        except OSError as error:
            raise BadOption(f"{to}: {error.strerror}") from None
        else:
            print(f"Job output sandbox retrieved in {clean(os.path.abspath(to))}/")
    return code


def peek(asked: Asked, site: Site) -> int:
    """Print the last lines of what jobs have written so far."""
    for job in needed(asked):
        for line in _written(site, job).splitlines()[-PEEK_LINES:]:
            print(clean(line))
    return 0


def _written(site: Site, job: int) -> str:
    """Return the end of the output of *job*, also of one that keeps it in its folder."""
    name = (site.client.job(job).get("spec") or {}).get("output")
    if not name or os.path.isabs(name):
        found = b"".join(site.client.log(job, offset=-PEEK_BYTES))
        return found.decode("utf-8", "replace")
    import tempfile

    name = name.replace("{job}", str(job))
    with tempfile.TemporaryDirectory() as folder:
        site.client.fetch(job, name, to=folder)
        with open(os.path.join(folder, name), "rb") as file:
            file.seek(max(0, os.path.getsize(file.name) - PEEK_BYTES))
            return file.read().decode("utf-8", "replace")


def logging(asked: Asked, site: Site) -> int:
    """Print every change of state: when, to what, and who made it."""
    for job in needed(asked):
        rows = [_row(row) for row in _history(site, job) if row.get("after")]
        widths = [max(len(row[n]) for row in [HEADINGS, *rows]) for n in range(5)]
        for row in [HEADINGS, *rows]:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            print("  ".join(cells).rstrip())
    return 0


def get_jdl(asked: Asked, site: Site) -> int:
    """Print what a job asked for, as statements."""
    for number in needed(asked):
        spec = dict(site.client.job(number).get("spec") or {})
        spec.pop("origin", None)
        print("[")
        for key, value in spec.items():
            print(f"    {clean(key)} = {_value(value)};")
        print("]")
    return 0


def _history(site: Site, job: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = site.client.history(job, limit=1000, cursor=cursor)
        rows += page["history"]
        cursor = page.get("next")
        if not cursor:
            return rows


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    from rota.faces.dirac.words import words_of

    status, minor, application = words_of({"state": row["after"], "reason": row["reason"]})
    at = str(row["at"])[:19].replace("T", " ")
    return status, minor, clean(application), at, clean(str(row["source"]))


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "{ " + ", ".join(_value(one) for one in value) + " }"
    if isinstance(value, dict):
        return "[ " + " ".join(f"{k} = {_value(v)};" for k, v in value.items()) + " ]"
    text = clean(str(value)).replace('"', '\\"')
    return f'"{text}"'
