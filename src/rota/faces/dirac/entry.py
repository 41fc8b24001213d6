"""One door for DIRAC's commands: their options, and where each of them lives.

shim "dstat" ──▶ main("dstat") ──▶ listing.dstat(Asked, site) → exit code
"""

from __future__ import annotations

import sys

from rota.core.getopt import NONE, VALUE, BadOption, Table, parse
from rota.faces.foreign import Site, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_IDS = {"File": ("f", VALUE), "JobGroup": ("g", VALUE), "help": ("h", NONE)}
_SELECT = {
    "Status": ("S", VALUE), "MinorStatus": ("", VALUE), "ApplicationStatus": ("", VALUE),
    "Site": ("", VALUE), "Owner": ("u", VALUE), "JobGroup": ("g", VALUE),
    "Date": ("", VALUE), "Maximum": ("", VALUE), "help": ("h", NONE),
}  # fmt: skip
_DSTAT = {
    **_SELECT, "User": ("", VALUE), "All": ("a", NONE), "Name": ("n", VALUE),
    "Fmt": ("f", VALUE), "JobDate": ("D", VALUE), "Fields": ("F", VALUE),
    "JobFile": ("i", VALUE),
}  # fmt: skip
_DSUB = {
    "JDL": ("J", VALUE), "Name": ("N", VALUE), "StdError": ("E", VALUE),
    "StdOutput": ("O", VALUE), "OutputSandbox": ("", VALUE), "InputSandbox": ("", VALUE),
    "OutputData": ("", VALUE), "InputData": ("", VALUE), "OutputPath": ("", VALUE),
    "OutputSE": ("", VALUE), "CPUTime": ("", VALUE), "Site": ("", VALUE),
    "BannedSite": ("", VALUE), "Platform": ("", VALUE), "Priority": ("", VALUE),
    "JobGroup": ("", VALUE), "Tag": ("", VALUE), "Parametric": ("", VALUE),
    "ForceExecUpload": ("", NONE), "verbose": ("v", NONE), "help": ("h", NONE),
}  # fmt: skip
_OUTPUT = {
    "Dir": ("D", VALUE), "Data": ("", NONE), "Sandbox": ("", NONE),
    "NoJobDir": ("n", NONE), "JobGroup": ("g", VALUE), "File": ("f", VALUE),
    "JobFile": ("i", VALUE), "verbose": ("v", NONE), "help": ("h", NONE),
}  # fmt: skip
_KILL = {"Delete": ("D", NONE), "All": ("a", NONE), "verbose": ("v", NONE), **_IDS}
_SUBMIT = {"File": ("f", VALUE), "UseJobRepo": ("r", VALUE), "help": ("h", NONE)}
_MATCH = {"Full": ("F", NONE), "Site": ("S", VALUE), "help": ("h", NONE)}
_WMS = "dirac-wms-job-"

COMMANDS: dict[str, tuple[str, str, dict[str, tuple[str, str]]]] = {
    # command: (module, function, options)
    "dsub": ("submit", "dsub", _DSUB),
    "dstat": ("listing", "dstat", _DSTAT),
    "dkill": ("acting", "dkill", _KILL),
    "doutput": ("results", "output", _OUTPUT),
    "dget": ("results", "output", _OUTPUT),
    "dlogging": ("results", "logging", {**_IDS, "Fmt": ("", VALUE)}),
    f"{_WMS}submit": ("submit", "job_submit", _SUBMIT),
    f"{_WMS}status": ("listing", "job_status", _IDS),
    f"{_WMS}attributes": ("listing", "job_attributes", _IDS),
    f"{_WMS}kill": ("acting", "kill", _IDS),
    f"{_WMS}delete": ("acting", "delete", _IDS),
    f"{_WMS}reschedule": ("acting", "reschedule", _IDS),
    f"{_WMS}get-output": ("results", "output", _OUTPUT),
    f"{_WMS}peek": ("results", "peek", _IDS),
    f"{_WMS}logging-info": ("results", "logging", _IDS),
    f"{_WMS}get-jdl": ("results", "get_jdl", {**_IDS, "Original": ("O", NONE)}),
    "dirac-wms-select-jobs": ("listing", "select_jobs", _SELECT),
    "dirac-wms-match": ("submit", "match", _MATCH),
}  # fmt: skip


class Asked:
    """What a command line says.

    Shapes:
        options: {long name: value, "" of one without}
        words:   what is no option
    """

    def __init__(self, options: dict[str, str], words: list[str]) -> None:
        self.options, self.words = options, words

    def __contains__(self, name: str) -> bool:
        return name in self.options

    def get(self, name: str) -> str:
        """Return the value of an option, "" when it was not given."""
        return self.options.get(name, "")

    def ids(self) -> list[int]:
        """Return the numbers of jobs that the words, or the files -f and -i, name.

        Raises:
            BadOption: one of them is none.
        """
        texts = [text for word in self.words for text in word.replace(",", " ").split()]
        for name in ("File", "JobFile"):
            if self.get(name):
                texts += _listed(self.get(name))
        for text in texts:
            if not text.isdigit() or not 0 < int(text) < 10**15:
                raise BadOption(f"{text!r} is no number of a job")
        return list(dict.fromkeys(int(text) for text in texts))


def _listed(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().replace(",", " ").split()
    except (OSError, UnicodeDecodeError) as error:
        raise BadOption(f"{path} cannot be read: {error}") from None


def main(
    command: str, words: Sequence[str] | None = None, *,
    home: str | None = None, server: str | None = None,
) -> int:  # fmt: skip
    """Run *command* with *words*, the process's own when None; return the exit code."""
    from importlib import import_module

    from rota.core.errors import RotaError

    site = Site(command, home=home, server=server)
    module, name, rows = COMMANDS[command]
    try:
        given = list(sys.argv[1:] if words is None else words)
        options, rest = parse(given, Table(rows), stops=command == "dsub")
        asked = Asked({name: value or "" for name, value in options}, rest)
        if "help" in asked:
            print(f"usage: {command} {' '.join(f'[--{row}]' for row in sorted(rows))} …")
            return 0
        act = getattr(import_module(f"rota.faces.dirac.{module}"), name)
        return int(act(asked, site))
    except BadOption as error:
        tell(f"{command}: {error}")
        return 2
    except RotaError as error:
        tell(f"ERROR: {error.sentence}")
        return 1
    except KeyboardInterrupt:
        return 130
