"""Whom a job tells what becomes of it, and over which channels that goes.

    notify: {ann@example.org: [end], lab: fail}          the job's key
    Notices: mail over this host; channel lab is a webhook   the operator's settings

An address gets mail; every other name is a channel that the operator has declared, so no
job makes the server call an address or run a command of the job's choosing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional, Tuple

from rota.core.errors import Complaint, did_you_mean

ON = ("start", "end", "fail", "digest")
"""What can be told: it starts; it is over; it, or a task of it, failed; how far it is."""

ADDRESS = re.compile(
    r"[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}"
)
"""An address of mail as other systems' jobs may name one."""

DIGEST_MS = 600_000
TAIL_LINES = 20


@dataclass(frozen=True)
class Mail:
    """How mail leaves; ``tls``: "none", "starttls" or "tls"; files hold secrets."""

    host: str = "localhost"
    port: int = 25
    tls: str = "none"
    sender: str = ""
    user: str = ""
    password_file: str = ""


@dataclass(frozen=True)
class Channel:
    """One channel of the operator: ``kind`` is "webhook", "command" or "chat".

    Shapes:
        target: the URL, or the words of the command
        secret_file: where the key lies that signs what a webhook is sent
    """

    name: str
    kind: str
    target: Tuple[str, ...]
    secret_file: str = ""


@dataclass(frozen=True)
class Notices:
    """All that the operator says about notifications."""

    mail: Optional[Mail] = None
    channels: Mapping[str, Channel] = field(default_factory=dict)
    digest_ms: int = DIGEST_MS
    tail: int = TAIL_LINES


def notices_of(said: Mapping[str, Any]) -> Notices:
    """Return what *said*, the setting ``notify`` as it was read, stands for."""
    mail = said.get("mail")
    return Notices(
        mail=None if mail is None else _mail(mail),
        channels={
            name: _channel(name, row) for name, row in said.get("channels", {}).items()
        },
        digest_ms=said.get("digest_every", DIGEST_MS),
        tail=said.get("tail", TAIL_LINES),
    )


def is_address(whom: str) -> bool:
    """Whether *whom* is an address of mail rather than a channel."""
    return "@" in whom


def tells(notify: Mapping[str, str], what: str) -> Iterator[str]:
    """Yield whom *notify* tells of *what*, one of ``ON``."""
    return (whom for whom, on in notify.items() if what in on.split(","))


def unknown(notices: Notices, notify: Mapping[str, str]) -> Iterator[Complaint]:
    """Yield a complaint for each of *notify* that *notices* have no way to reach."""
    for whom in notify:
        if is_address(whom):
            if notices.mail is None:
                remedy = "the operator sets notify: mail: in config.yaml"
                yield Complaint("notify", "this server sends no mail", remedy)
        elif whom not in notices.channels:
            near = did_you_mean(whom, sorted(notices.channels))
            hint = f"did you mean {near}? " if near else ""
            known = ", ".join(sorted(notices.channels)) or "none; config.yaml declares them"
            yield Complaint(
                "notify", f"there is no channel {whom}", f"{hint}channels are {known}"
            )


def _mail(said: Mapping[str, Any]) -> Mail:
    tls = said.get("tls", "none")
    usual = {"none": 25, "starttls": 587, "tls": 465}[tls]
    return Mail(
        host=said.get("host", "localhost"),
        port=said.get("port", usual),
        tls=tls,
        sender=said.get("from", ""),
        user=said.get("user", ""),
        password_file=said.get("password_file", ""),
    )


def _channel(name: str, said: Mapping[str, Any]) -> Channel:
    kind = next(kind for kind in ("webhook", "command", "chat") if kind in said)
    target = said[kind]
    words = (target,) if isinstance(target, str) else tuple(target)
    return Channel(name, kind, words, said.get("secret_file", ""))
