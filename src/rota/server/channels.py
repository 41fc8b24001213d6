"""How a notice leaves: by mail, webhook, command or chat; blocking, with a bound on time.

    send(notices, delivery, at) ──▶ sent │ Undeliverable: never │ another error: not now

Nothing of a job reaches a header, a shell or an address as it is: subjects are cleaned,
commands are the operator's own words and get the notice as JSON on their stdin (G32).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import smtplib
import ssl
import subprocess
import urllib.error
import urllib.request
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Any

from rota.core.errors import Refused
from rota.core.notify import Channel, Mail, Notices
from rota.server.outbox import Delivery

SEND_S_MAX = 20.0
ERROR_MAX = 300
_LATER = frozenset((401, 403, 408, 425, 429))
"""Answers of 4xx that an operator or time can cure."""

_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")


class Undeliverable(Exception):
    """The other side will never take this one; the channel itself works."""


def send(notices: Notices, delivery: Delivery, at: int) -> None:
    """Send *delivery* over its channel as *notices* describe it at *at*.

    Raises:
        Undeliverable: never;  RotaError, OSError, SMTPException, …: not now
    """
    if delivery.line == "mail":
        if notices.mail is None:
            raise Refused("config.yaml says no notify: mail: any more")
        _send_mail(notices.mail, delivery, at)
        return
    channel = notices.channels.get(delivery.line)
    if channel is None:
        raise Undeliverable(f"config.yaml knows no channel {delivery.line} any more")
    if channel.kind == "webhook":
        _call(channel, delivery, at)
    elif channel.kind == "command":
        _run(channel, delivery)
    else:
        _chat(channel, delivery)


def letter(mail: Mail, delivery: Delivery, at: int) -> EmailMessage:
    """Return the mail that *delivery* is."""
    notice = delivery.notice
    found = EmailMessage()
    found["From"] = mail.sender
    found["To"] = delivery.whom
    found["Subject"] = clean(notice["subject"])[:200]
    found["Date"] = formatdate(at / 1000)
    domain = mail.sender.partition("@")[2] or "localhost"
    # The same for every try: a mail that is sent twice is shown once.
    digest = hashlib.sha256(delivery.id.encode()).hexdigest()[:32]
    found["Message-ID"] = f"<{digest}@{domain}>"
    found["Auto-Submitted"] = "auto-generated"
    found["X-Rota-Job"] = str(notice["job"]["id"])
    found.set_content(notice["text"])
    return found


def clean(text: str) -> str:
    """Return *text* as one line without control characters."""
    return _ODD.sub(" ", text).strip()


def signature(secret: bytes, at: int, body: bytes) -> str:
    """Return what X-Rota-Signature says of *body*, sent at *at* (ms since the epoch)."""
    digest = hmac.new(secret, b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def _send_mail(mail: Mail, delivery: Delivery, at: int) -> None:
    context = ssl.create_default_context()
    link: smtplib.SMTP
    if mail.tls == "tls":
        link = smtplib.SMTP_SSL(mail.host, mail.port, timeout=SEND_S_MAX, context=context)
    else:
        link = smtplib.SMTP(mail.host, mail.port, timeout=SEND_S_MAX)
    with link:
        if mail.tls == "starttls":
            link.starttls(context=context)
        if mail.user:
            link.login(mail.user, _secret(mail.password_file).decode())
        try:
            link.send_message(letter(mail, delivery, at))
        except smtplib.SMTPRecipientsRefused as refused:
            told = [(code, text) for code, text in refused.recipients.values()]
            if all(code >= 500 for code, _ in told):
                raise Undeliverable(_said(*told[0])) from None
            raise
        except smtplib.SMTPDataError as refused:
            if refused.smtp_code >= 500:
                raise Undeliverable(_said(refused.smtp_code, refused.smtp_error)) from None
            raise


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Never: what the operator named is called, and nothing else."""
        return


def _call(channel: Channel, delivery: Delivery, at: int) -> None:
    body = json.dumps(delivery.notice).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "rota",
        "X-Rota-Event": str(delivery.notice["what"]),
        "X-Rota-Delivery": delivery.id,
        "X-Rota-Timestamp": str(at),
    }
    if channel.secret_file:
        headers["X-Rota-Signature"] = signature(_secret(channel.secret_file), at, body)
    request = urllib.request.Request(channel.target[0], body, headers, method="POST")
    opener = urllib.request.build_opener(_StayHere)
    try:
        with opener.open(request, timeout=SEND_S_MAX) as answer:
            answer.read(1 << 16)
    except urllib.error.HTTPError as error:
        if 400 <= error.code < 500 and error.code not in _LATER:
            raise Undeliverable(f"the webhook answered {error.code}") from None
        raise Refused(f"the webhook answered {error.code}") from None


def _run(channel: Channel, delivery: Delivery) -> None:
    notice = delivery.notice
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "ROTA_JOB_ID": str(notice["job"]["id"]),
        "ROTA_EVENT": str(notice["what"]),
        "ROTA_SUBJECT": clean(notice["subject"]),
    }
    done = subprocess.run(
        list(channel.target), input=json.dumps(notice).encode(), env=env, cwd="/",
        capture_output=True, timeout=SEND_S_MAX, check=False, start_new_session=True,
    )  # fmt: skip
    if done.returncode:
        words = clean((done.stderr or done.stdout).decode(errors="replace"))
        raise Refused(f"{channel.target[0]} ended with {done.returncode}: {words}")


def _chat(channel: Channel, delivery: Delivery) -> None:
    try:
        import apprise
    except ImportError:
        raise Refused("chat needs apprise here: pip install 'rota[chat]'") from None
    room = apprise.Apprise()
    if not room.add(channel.target[0]):
        raise Refused(f"apprise does not know the URL of channel {channel.name}")
    notice = delivery.notice
    if not room.notify(title=clean(notice["subject"]), body=notice["text"]):
        raise Refused(f"the service behind channel {channel.name} did not take it")


def _secret(path: str) -> bytes:
    if not path:
        raise Refused("a user is given for mail, and no password_file")
    return Path(path).read_bytes().strip()


def _said(code: int, text: bytes | str) -> str:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return clean(f"the mail server answered {code}: {words}")[:ERROR_MAX]
