"""``clientConf.json``: what WAM's client takes when nobody says it.

./clientConf.json, else ~/.config/wam/clientConf.json; comments are allowed
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PLACES = ("clientConf.json", "~/.config/wam/clientConf.json")


class Conf:
    """What stands in the file, with WAM's own values for the rest.

    Shapes:
        decks, files, monitored: patterns of input, result and monitor files
        email:    who is told; "" for nobody
        post_job: shell text that runs after the solver, in its folder
    """

    def __init__(self, said: dict[str, Any] | None = None, where: str = "") -> None:
        from rota.formats.relaxed import wrong

        said = said or {}
        for key in ("defaults", "fileExtensions"):
            if not isinstance(said.get(key, {}), dict):
                raise wrong("must be a mapping", where, field=key)
        usual = said.get("defaults", {})
        self.decks = _texts(said.get("fileExtensions", {}).get("abaqus"), ["*.inp"])
        self.files = _texts(usual.get("fileTypes"), ["*.odb", "*.dat", "*.msg"])
        self.monitored = _texts(usual.get("monitorFileTypes"), ["*.sta", "*.msg", "*.dat"])
        self.email = str(usual.get("email") or "")
        self.post_job = str(usual.get("postJob") or "")


def conf() -> Conf:
    """Return the configuration of this folder, or of this user.

    Raises:
        Malformed: it cannot be read; its complaint says where.
    """
    from rota.formats.relaxed import loads, wrong

    for place in map(os.path.expanduser, PLACES):
        try:
            with open(place, encoding="utf-8") as file:
                said = loads(file.read(), where=place)[0]
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise wrong(f"cannot be read: {error}", place) from None
        if not isinstance(said, dict):
            raise wrong("must be a mapping", place)
        return Conf(said, place)
    return Conf()


def _texts(found: Any, usual: list[str]) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list) and found else usual
