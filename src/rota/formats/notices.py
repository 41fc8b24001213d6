"""The setting ``notify``: how people are told of their jobs, as an operator writes it.

notify:
  mail: {host: mail.example.org, tls: starttls, from: rota@example.org, user: rota,
         password_file: /etc/rota/mail}
  channels:
    lab:   {webhook: "https://example.org/hook", secret_file: /etc/rota/hook}
    pager: {command: [/usr/local/bin/page, ann]}
  digest_every: 10m
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.core.fields import forms
from rota.core.fields.groups import ListOf, MapOf, Record
from rota.core.fields.kinds import Choice, Duration, Note, Text, Whole, Word

WAYS = ("webhook", "command", "chat")

_URL = Word(
    r"https?://[!-~]{1,2000}", says="a URL such as https://example.org/hook", shape="a URL"
)
_ADDRESS = Word(
    r"[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}",
    says="an address such as rota@example.org", shape="an address",
)  # fmt: skip
_CHANNEL = Record(
    (), webhook=_URL, command=ListOf(Text(longest=4000), most=100, single=False),
    chat=Text(longest=2000, never=Text.LINE), secret_file=forms.PATH,
)  # fmt: skip
_MAIL = Record(
    ("from",), host=forms.LINE, port=Whole(1, 65535),
    tls=Choice("none", "starttls", "tls"), user=forms.LINE, password_file=forms.PATH,
    **{"from": _ADDRESS},
)  # fmt: skip
NOTICES = Record(
    (), mail=_MAIL, channels=MapOf(forms.RESOURCE, _CHANNEL, most=1000),
    digest_every=Duration(), tail=Whole(0, 1000),
)  # fmt: skip


def judge_notices(said: Mapping[str, Any], note: Note) -> None:
    """Complain about channels that say no way, or several."""
    for name, row in said.get("channels", {}).items():
        if len(set(WAYS) & set(row)) != 1:
            note("must say one way", "webhook, command or chat", f".channels.{name}")
        elif "secret_file" in row and "webhook" not in row:
            note(
                "only webhooks are signed", "leave it out", f".channels.{name}.secret_file"
            )
