"""Real receivers of notices on this machine: a mail server, and a web server.

with MailServer() as mail:     mail.port, mail.letters, mail.refusal
with Hook() as hook:           hook.url, hook.calls, hook.status
"""

from __future__ import annotations

import socket
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class MailServer:
    """An SMTP server that keeps what it is given; ``refusal``: what it answers instead.

    Args:
        tls:      "starttls": it takes nothing before; "tls": from the first byte
        context:  what it is secured with
        password: of the user rota; without a login it takes nothing
    """

    def __init__(
        self, port: int = 0, *, tls: str = "", context: ssl.SSLContext | None = None,
        password: str = "",
    ) -> None:  # fmt: skip
        self.letters: list[EmailMessage] = []
        self.refusal = ""
        self.port = port or free_port()
        self._password = password
        self._server = Controller(
            self, "127.0.0.1", self.port,
            ssl_context=context if tls == "tls" else None,
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            auth_required=bool(password), auth_require_tls=tls == "starttls",
            authenticator=self._authenticate if password else None,
        )  # fmt: skip

    def _authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        right = (data.login, data.password) == (b"rota", self._password.encode())
        return AuthResult(success=right, handled=False)

    def __enter__(self) -> MailServer:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take one letter."""
        if self.refusal:
            return self.refusal
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


class Hook:
    """A web server that keeps what is posted to it, and answers with ``status``."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.calls.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(hook.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: what came is looked at by the test."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def __enter__(self) -> Hook:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
