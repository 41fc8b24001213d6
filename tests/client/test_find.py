"""Finding the server: who has the first word, which token is shown to whom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rota.client.find import (
    elsewhere,
    find,
    has_others,
    home_of,
    parse_address,
    read_status,
    token_for,
)
from rota.core.errors import Malformed


def test_an_option_wins_over_the_environment(tmp_path: Path) -> None:
    """--server, then --home, then ROTA_SERVER, then ROTA_HOME."""
    env = {"ROTA_SERVER": "unix:/env.sock", "ROTA_HOME": "/env"}

    assert str(find("unix:/given.sock", env=env)) == "unix:/given.sock"
    assert str(find(home=str(tmp_path), env=env)) == f"unix:{tmp_path}/rota.sock"
    assert str(find(env=env)) == "unix:/env.sock"
    assert str(find(env={"ROTA_HOME": "/env"})) == "unix:/env/rota.sock"


def test_the_usual_home_is_where_state_lives() -> None:
    """$XDG_STATE_HOME/rota, else ~/.local/state/rota."""
    assert home_of(env={"XDG_STATE_HOME": "/state"}) == "/state/rota"
    assert home_of(env={}).endswith("/.local/state/rota")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("unix:/a/rota.sock", "unix:/a/rota.sock"),
        ("unix:///a/rota.sock", "unix:/a/rota.sock"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://rota.example.org", "https://rota.example.org"),
        ("http://rota.example.org", "http://rota.example.org"),
    ],
)
def test_an_address_reads_back_as_it_was_written(text: str, shown: str) -> None:
    """Sockets, hosts, ports, and the ports that need not be said."""
    assert str(parse_address(text)) == shown


@pytest.mark.parametrize(
    "text",
    ["", "unix:", "/a/rota.sock", "ftp://x", "http://", "http:x", "http://h:0",
     "http://h:99999", "http://h:x", "http://u@h", "http://h/path"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    """The message shows how one looks."""
    with pytest.raises(Malformed, match="unix:/path"):
        parse_address(text)


def test_the_home_s_token_is_shown_to_this_machine_only(tmp_path: Path) -> None:
    """Whoever answers on another machine has not earned it."""
    (tmp_path / "token").write_text("secret\n")
    here = parse_address("http://127.0.0.1:1")
    there = parse_address("http://192.0.2.1:1")

    assert token_for(here, home=str(tmp_path), env={}) == "secret"
    assert token_for(there, home=str(tmp_path), env={}) is None


def test_the_token_file_that_is_named_is_the_one(tmp_path: Path) -> None:
    """ROTA_TOKEN_FILE is for any server: whoever set it meant it."""
    (tmp_path / "mine").write_text("other\n")
    env = {"ROTA_TOKEN_FILE": str(tmp_path / "mine")}
    there = parse_address("http://192.0.2.1:1")

    assert token_for(there, home=str(tmp_path), env=env) == "other"


def test_a_token_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """With its path."""
    env = {"ROTA_TOKEN_FILE": str(tmp_path / "none")}

    with pytest.raises(Malformed, match="none"):
        find("http://127.0.0.1:1", env=env)


def test_when_the_socket_is_silent_the_home_knows_another_way(tmp_path: Path) -> None:
    """server.json names the TCP address; the token lies beside it."""
    (tmp_path / "server.json").write_text(json.dumps({"tcp": "http://127.0.0.1:7"}))
    (tmp_path / "token").write_text("secret")
    (second,) = elsewhere(find(home=str(tmp_path), env={}), env={})

    assert second is not None
    assert (str(second), second.token) == ("http://127.0.0.1:7", "secret")


def test_an_address_that_was_given_has_no_second_way() -> None:
    """Who names a server means that one."""
    assert elsewhere(parse_address("unix:/a.sock")) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"'])
def test_a_status_that_cannot_be_read_is_no_status(tmp_path: Path, text: str) -> None:
    """Leftovers and halves are ignored (G03)."""
    (tmp_path / "server.json").write_text(text)

    assert read_status(str(tmp_path)) == {}


def test_several_servers_may_take_turns() -> None:
    """ROTA_SERVER names them all; any of them may lead."""
    first = find(env={"ROTA_SERVER": "unix:/a.sock,https://b:7000"})

    assert (str(first), [str(one) for one in elsewhere(first)]) == (
        "unix:/a.sock",
        ["https://b:7000"],
    )
    assert has_others(first)
    assert not has_others(find(env={"ROTA_SERVER": "unix:/a.sock"}))


def test_a_home_knows_the_servers_that_its_own_may_be_followed_by(tmp_path: Path) -> None:
    """Its server writes them there; they get the home's own token."""
    (tmp_path / "token").write_text("secret\n")
    (tmp_path / "servers.json").write_text('{"urls": ["unix:/b.sock", "https://b:7000"]}')
    first = find(home=str(tmp_path), env={})
    near, far = elsewhere(first, env={})

    assert (str(near), str(far), far.token) == ("unix:/b.sock", "https://b:7000", "secret")
    assert has_others(first)
