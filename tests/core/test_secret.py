"""What is hidden of an environment (G31): by name, and passwords in addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.core.secret import HIDDEN, shown_environment, shown_value


@pytest.mark.parametrize(
    "name",
    ["API_TOKEN", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "MYSQL_PWD",
     "api_key", "KEY", "DOCKER_AUTH_CONFIG", "SESSION_COOKIE", "Passphrase", "SSH_KEY"],
)  # fmt: skip
def test_g31_what_is_called_a_secret_is_hidden(name: str) -> None:
    """Whatever its value."""
    assert shown_value(name, "hunter2") == HIDDEN


@pytest.mark.parametrize(
    "name",
    ["HOME", "PATH", "PWD", "OLDPWD", "SSH_AUTH_SOCK", "KEYBOARD", "MONKEYS", "PASSIVE"],
)
def test_what_is_not_is_shown(name: str) -> None:
    """So that people still see what they look for."""
    assert shown_value(name, "/x") == "/x"


def test_g31_a_password_in_an_address_is_hidden() -> None:
    """The rest of the address is not."""
    env = {"DB": "postgres://ada:s3cret@db/x", "B": "http://host:80/a@b"}
    assert shown_environment(env) == {
        "B": "http://host:80/a@b", "DB": f"postgres://ada:{HIDDEN}@db/x",
    }  # fmt: skip


@given(
    st.text(alphabet="abc:/@ ", max_size=30),
    st.from_regex(r"[a-z0-9]{4,12}", fullmatch=True),
)
def test_g31_no_password_of_an_address_gets_through(around: str, password: str) -> None:
    """Wherever the address stands."""
    shown = shown_value("X", f"{around} https://u:{password}9@h {around}")
    assert f"{password}9@" not in shown
