"""Mail that other systems' options ask for."""

from __future__ import annotations

import pytest

from rota.formats import mail
from rota.formats.reading import Reading


def said(users: str, kinds: str) -> Reading:
    """What Grid Engine's -M and -m come to."""
    reading = Reading()
    words = mail.moments(kinds, mail.GRIDENGINE, mail.GRIDENGINE_UNTOLD)
    mail.say(
        reading, whom=("-M", users, "a:1" if users else ""),
        when=("-m", kinds, "a:2" if kinds else ""), words=words,
    )  # fmt: skip
    return reading


def test_an_address_and_a_moment_make_a_notice() -> None:
    """Each address, once for each moment."""
    reading = said("ann@x.org, bob@y.org", "bea")
    moments = ["start", "end", "fail"]
    assert reading.doc == {"notify": {"ann@x.org": moments, "bob@y.org": moments}}
    assert reading.sources == {"notify": "a:1"} and not reading.notices


@pytest.mark.parametrize(
    ("users", "kinds", "told"),
    [
        ("", "e", ("a:2", "-m", "no mail is sent without an address: -M")),
        ("ann@x.org", "", ("a:1", "-M", "no mail is sent without a moment: -m")),
        ("ann", "e", ("a:1", "-M ann", "is no address: no mail")),
        ("ann@x.org", "s", ("a:2", "-m s", "nothing is told of that")),
    ],
)
def test_half_of_it_tells_nobody(
    users: str, kinds: str, told: tuple[str, str, str]
) -> None:
    """And it is said why."""
    reading = said(users, kinds)
    assert reading.notices == [told] and not reading.doc


def test_nothing_said_is_nothing_told() -> None:
    """Neither in the job nor in notes; -m n is as good."""
    for kinds in ("", "n"):
        assert not said("", kinds).notices and not said("ann@x.org", "n").doc


def test_a_word_that_is_none_is_an_error() -> None:
    """With those there are."""
    with pytest.raises(ValueError, match="'x' is none of n, b, e, a, s"):
        mail.moments("ex", mail.GRIDENGINE, mail.GRIDENGINE_UNTOLD)
