"""What must not be shown: values of an environment that are, or may be, secrets (G31).

HOME=/home/ada      shown          API_TOKEN=…                 hidden by its name
PATH=…              shown          DB=postgres://ada:pw@host   its password hidden
"""

from __future__ import annotations

import re
from typing import Dict, Mapping

HIDDEN = "•••"

_NAMES = re.compile(
    r"TOKEN|SECRET|PASS(?!IVE)|PWD\d*$|CREDENTIAL|PRIVATE|COOKIE|AUTH|SIGNATURE"
    r"|(?:^|_)(?:API|ACCESS|SSH|GPG|ENCRYPTION|MASTER|ACCOUNT)_?KEY|(?:^|_)KEY$",
    re.IGNORECASE,
)
_HARMLESS = frozenset(
    {"PWD", "OLDPWD", "SSH_AUTH_SOCK", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS"}
)
_IN_URL = re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)(?=@)")


def shown_environment(env: Mapping[str, str]) -> Dict[str, str]:
    """Return *env* by name, with ``HIDDEN`` where a secret stands or may stand."""
    return {name: shown_value(name, env[name]) for name in sorted(env)}


def shown_value(name: str, value: str) -> str:
    """Return *value* of variable *name* as it may be shown to people."""
    if name not in _HARMLESS and _NAMES.search(name):
        return HIDDEN
    return _IN_URL.sub(rf"\1:{HIDDEN}", value)
