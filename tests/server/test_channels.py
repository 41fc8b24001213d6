"""How notices leave: to a real mail server, a real web server, a real command."""

from __future__ import annotations

import json
import smtplib
import ssl
import sys
import time
from pathlib import Path

import pytest

from rota.core.errors import Refused
from rota.core.notify import Channel, Mail, Notices
from rota.server.channels import Undeliverable, send, signature
from rota.server.outbox import Delivery
from rota.server.tls import own_certificate
from tests.server.receivers import Hook, MailServer, free_port

NOTICE = {
    "what": "end", "subject": "job 12 x: done", "text": "job 12 x: done\n  ä\n",
    "job": {"id": 12},
}  # fmt: skip


def delivery(line: str, whom: str = "", **changed: str) -> Delivery:
    """Return a delivery over *line*."""
    return Delivery(f"s/12/end/1/{whom or line}", line, whom, {**NOTICE, **changed}, 1, 1)


def over(kind: str, *target: str, secret_file: str = "") -> Notices:
    """Return notices with one channel, lab."""
    return Notices(channels={"lab": Channel("lab", kind, target, secret_file)})


def test_g32_mail_arrives_and_no_name_becomes_a_header() -> None:
    """Line breaks in a subject stay in the subject; twice the same id (G32)."""
    with MailServer() as server:
        notices = Notices(Mail("127.0.0.1", server.port, sender="rota@example.org"))
        evil = "job x\r\nBcc: eve@example.org\r\n\r\nboo"
        for _ in range(2):
            send(notices, delivery("mail", "ann@example.org", subject=evil), 10**12)
        first, second = server.letters
    assert first["To"] == "ann@example.org" and first["Bcc"] is None
    assert first["Subject"] == "job x Bcc: eve@example.org boo"
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert "ä" in first.get_content()


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_goes_by_tls_and_with_a_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    """To whom a known authority vouches for, and nobody else; a wrong word is for later."""
    certificate = own_certificate(tmp_path, hosts=["localhost"], at=int(time.time() * 1000))
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    with MailServer(tls=tls, context=certificate.context(), password="s3cret") as server:
        said = {"port": server.port, "sender": "rota@example.org", "user": "rota"}
        mail = Mail("localhost", tls=tls, password_file=str(secret), **said)
        with pytest.raises(ssl.SSLCertVerificationError):
            send(Notices(mail), delivery("mail", "ann@example.org"), 1)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.cert))
        send(Notices(mail), delivery("mail", "ann@example.org"), 1)
        secret.write_text("wrong")
        with pytest.raises(smtplib.SMTPAuthenticationError):
            send(Notices(mail), delivery("mail", "ann@example.org"), 1)
        plain = Mail("localhost", tls="none", **{**said, "user": ""})
        if tls == "starttls":
            with pytest.raises(smtplib.SMTPResponseException):
                send(Notices(plain), delivery("mail", "ann@example.org"), 1)
        assert [letter["To"] for letter in server.letters] == ["ann@example.org"]


def test_mail_that_is_refused_is_never_or_later() -> None:
    """5xx: never; 4xx, or nobody there: later."""
    with MailServer() as server:
        notices = Notices(Mail("127.0.0.1", server.port, sender="rota@example.org"))
        server.refusal = "550 no such user"
        with pytest.raises(Undeliverable, match="550: no such user"):
            send(notices, delivery("mail", "ann@example.org"), 1)
        server.refusal = "451 try later"
        with pytest.raises(smtplib.SMTPDataError):
            send(notices, delivery("mail", "ann@example.org"), 1)
    dead = Notices(Mail("127.0.0.1", free_port(), sender="rota@example.org"))
    with pytest.raises(ConnectionRefusedError):
        send(dead, delivery("mail", "ann@example.org"), 1)


def test_a_webhook_is_signed_and_never_followed_elsewhere(tmp_path: Path) -> None:
    """Who has the key can check that the body and the time are ours."""
    key = tmp_path / "key"
    key.write_text("s3cret\n")
    with Hook() as hook:
        notices = over("webhook", hook.url, secret_file=str(key))
        send(notices, delivery("lab"), 1234)
        headers, body = hook.calls[0]
        assert headers["x-rota-signature"] == signature(b"s3cret", 1234, body)
        assert headers["x-rota-timestamp"] == "1234" and headers["x-rota-event"] == "end"
        assert json.loads(body) == NOTICE
        hook.status = 302
        with pytest.raises(Refused, match="answered 302"):
            send(notices, delivery("lab"), 1)
        hook.status = 410
        with pytest.raises(Undeliverable, match="answered 410"):
            send(notices, delivery("lab"), 1)
        hook.status = 503
        with pytest.raises(Refused, match="answered 503"):
            send(notices, delivery("lab"), 1)


def test_a_command_gets_the_notice_on_its_stdin(tmp_path: Path) -> None:
    """No shell reads a word of it; what it complains of is told."""
    out = tmp_path / "out"
    program = "import os,sys; open(sys.argv[1],'w').write(os.environ['ROTA_JOB_ID']+"
    program += "sys.stdin.read())"
    send(over("command", sys.executable, "-c", program, str(out)), delivery("lab"), 1)
    assert out.read_text() == "12" + json.dumps(NOTICE)
    failing = over("command", sys.executable, "-c", "import sys; sys.exit('no line')")
    with pytest.raises(Refused, match="ended with 1: no line"):
        send(failing, delivery("lab"), 1)


def test_what_the_settings_no_longer_know() -> None:
    """A channel that was taken away can never be served; mail may come back."""
    with pytest.raises(Undeliverable, match="knows no channel lab"):
        send(Notices(), delivery("lab"), 1)
    with pytest.raises(Refused, match="no notify: mail:"):
        send(Notices(), delivery("mail", "ann@example.org"), 1)


def test_chat_goes_through_apprise() -> None:
    """Its scheme json posts what it would tell a room; an odd URL is told."""
    pytest.importorskip("apprise", reason="chat needs apprise: pip install 'rota[chat]'")
    with Hook() as hook:
        hook.status = 200
        send(over("chat", hook.url.replace("http", "json", 1)), delivery("lab"), 1)
        assert json.loads(hook.calls[0][1])["title"] == "job 12 x: done"
        hook.status = 500
        with pytest.raises(Refused, match="did not take it"):
            send(over("chat", hook.url.replace("http", "json", 1)), delivery("lab"), 1)
    with pytest.raises(Refused, match="does not know the URL"):
        send(over("chat", "nosuch"), delivery("lab"), 1)
