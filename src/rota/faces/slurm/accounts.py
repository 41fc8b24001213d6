"""``sacctmgr`` and ``sshare`` as far as clients ask them; the rest says it is not there.

Clients want to know whether an account, a QOS, a cluster exists before they hand in a job.
"""

from __future__ import annotations

import sys

from rota.core.getopt import MAYBE, NONE, VALUE, BadOption, Table, parse
from rota.faces.foreign import tell
from rota.faces.slurm.entry import usage_error
from rota.faces.slurm.show import plus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from rota.faces.foreign import Site

OPTIONS = Table(
    {
        "accounts": ("A", VALUE), "all": ("a", NONE), "associations": ("s", NONE),
        "format": ("o", VALUE), "immediate": ("i", NONE), "json": ("", NONE),
        "long": ("l", NONE), "noheader": ("n", NONE), "oneliner": ("", NONE),
        "parsable": ("p", NONE), "parsable2": ("P", NONE), "quiet": ("Q", NONE),
        "readonly": ("r", NONE), "user": ("u", VALUE), "Users": ("U", NONE),
        "verbose": ("v", NONE), "version": ("V", NONE), "help": ("h", MAYBE),
    }
)  # fmt: skip
_ABSENT = "is not part of this queue; {instead}"
_INSTEAD = {
    "sprio": "rota why JOB tells who is ahead",
    "sdiag": "rota stat and /metrics tell how busy it is",
    "sreport": "rota stat tells who used what",
}
_WIDTH = 10


def run(words: list[str], site: Site) -> int:
    """Answer what is asked of accounts."""
    if site.command in _INSTEAD:
        site.error(_ABSENT.format(instead=_INSTEAD[site.command]))
        return 1
    try:
        given, rest = parse(words, OPTIONS)
    except BadOption as error:
        return usage_error(site, error)
    asked = dict(given)
    fields = (asked.get("format") or "").split(",") if asked.get("format") else []
    for word in rest:
        name, equals, value = word.partition("=")
        if name.lower() == "format" and equals:
            fields = value.split(",")
    words = [word.lower() for word in rest if "=" not in word]
    if site.command == "sshare":
        _print(_associations(site), fields or ["Account", "User"], asked)
        return 0
    verb = words[0] if words else ""
    if verb not in ("list", "show"):
        tell(f"sacctmgr: error: {verb or 'nothing'}: only list and show are there; accounts"
             " are a matter of `rota config`")  # fmt: skip
        return 1
    what = words[1].rstrip("s") if len(words) > 1 else ""
    found = {
        "user": _associations, "account": _associations, "acct": _associations,
        "assoc": _associations, "association": _associations,
        "cluster": _cluster, "qo": _qos,
    }.get(what)  # fmt: skip
    if found is None:
        tell(f"sacctmgr: error: there is no {what or 'entity'} to show")
        return 1
    usual = {"cluster": ["Cluster"], "qo": ["Name"]}.get(what, ["User", "Account"])
    _print(found(site), fields or usual, asked)
    return 0


def _cluster(site: Site) -> list[dict[str, str]]:
    return [{"cluster": "rota"}]


def _qos(site: Site) -> list[dict[str, str]]:
    return [{"name": "normal"}]


def _associations(site: Site) -> list[dict[str, str]]:
    """Return the accounts of the user: his own, and those of his jobs."""
    from rota.faces.slurm.submitter import user_name

    user = user_name()
    page = site.client.jobs(user=[user], limit=1000)
    accounts = {str(job.get("account") or user) for job in page} | {user}
    return [
        {"user": user, "account": account, "cluster": "rota", "qos": "normal",
         "defaultaccount": user, "partition": "", "name": account}
        for account in sorted(accounts)
    ]  # fmt: skip


def _print(
    rows: Sequence[dict[str, str]], fields: Sequence[str], asked: dict[str, str | None]
) -> None:
    names = [field.partition("%")[0] for field in fields]
    widths = [
        int(width) if (width := field.partition("%")[2].lstrip("-")).isdigit() else _WIDTH
        for field in fields
    ]
    table = [[row.get(name.lower(), "") for name in names] for row in rows]
    if "noheader" not in asked:
        table.insert(0, list(names))
    lines = []
    for number, cells in enumerate(table):
        if "parsable2" in asked or "parsable" in asked:
            lines.append("|".join(cells) + ("|" if "parsable" in asked else ""))
            continue
        row = zip(cells, widths, strict=True)
        lines.append("".join(plus(cell, width) + " " for cell, width in row))
        if not number and "noheader" not in asked:
            lines.append("".join("-" * width + " " for width in widths))
    if lines:
        sys.stdout.write("\n".join(lines) + "\n")
