"""The setting ``notify``."""

from __future__ import annotations

import pytest

from rota.core.errors import Malformed
from rota.formats.settings import read_settings
from rota.sched.rules import rules_of

GOOD = """
notify:
  mail: {host: mail.example.org, tls: tls, from: rota@example.org}
  channels:
    lab: {webhook: "https://example.org/hook", secret_file: /etc/rota/hook}
    pager: {command: [/bin/page, ann]}
  digest_every: 1m
"""


def test_it_becomes_part_of_the_rules() -> None:
    """Ports follow from how the line is secured."""
    notices = rules_of(read_settings(GOOD, where="c").values).notices
    assert notices.mail is not None and notices.mail.port == 465
    assert notices.channels["lab"].secret_file == "/etc/rota/hook"
    assert notices.channels["pager"].target == ("/bin/page", "ann")
    assert notices.digest_ms == 60_000


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("{channels: {a: {}}}", "must say one way"),
        ("{channels: {a: {webhook: 'http://x/', chat: 'json://x'}}}", "must say one way"),
        ("{channels: {a: {command: [x], secret_file: f}}}", "only webhooks are signed"),
        ("{channels: {a: {webhook: 'file:///etc/passwd'}}}", "a URL"),
        ("{mail: {host: h}}", "has no `from`"),
        ("{mail: {from: 'a@b\\r\\nBcc: c@d'}}", "an address"),
    ],
)
def test_what_makes_no_sense_is_told(said: str, told: str) -> None:
    """With its line."""
    with pytest.raises(Malformed) as refused:
        read_settings(f"notify: {said}", where="c.yaml")
    assert told in refused.value.sentence + str(refused.value.complaints)
    assert refused.value.complaints[0].where.startswith("c.yaml:1:")
