"""Whom a job tells, and whether there is a way to."""

from __future__ import annotations

from rota.core.notify import Notices, is_address, notices_of, tells, unknown

SAID = {
    "mail": {"from": "rota@example.org", "tls": "starttls"},
    "channels": {"lab": {"webhook": "https://example.org/hook"}},
}


def test_who_is_told_of_what() -> None:
    """By the words each of them has."""
    notify = {"ann@example.org": "end,fail", "lab": "start"}
    assert list(tells(notify, "fail")) == ["ann@example.org"]
    assert list(tells(notify, "start")) == ["lab"]
    assert is_address("ann@example.org") and not is_address("lab")


def test_nobody_is_told_over_a_way_that_is_not_there() -> None:
    """Each complaint says what would make it work."""
    notices = notices_of(SAID)
    assert notices.mail is not None and notices.mail.port == 587
    assert not list(unknown(notices, {"ann@example.org": "end", "lab": "end"}))
    [near] = unknown(notices, {"labb": "end"})
    assert near.problem == "there is no channel labb" and "did you mean lab" in near.remedy
    [no_mail] = unknown(Notices(), {"ann@example.org": "end"})
    assert "config.yaml" in no_mail.remedy
