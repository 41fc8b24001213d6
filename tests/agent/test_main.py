"""The agent's own command line: what it takes, and what it says to nonsense."""

from __future__ import annotations

import pytest

from rota.agent.__main__ import main


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        ([], "--server is missing: unix:/path or http://host:port"),
        (["--server", "ftp://x"], "'ftp://x' is neither unix:/path nor http://host:port"),
        (
            ["--server", "unix:/x", "--memory", "10"],
            "10 has no unit; write for example 10GB",
        ),
        (["--server", "unix:/x", "--cores", "0"], "'0' is not a number from 1 to 65536"),
        (["--server", "unix:/x", "--label", "a b"], "'a b' is not a word"),
        (["--server", "unix:/x", "--resource", "tape"], "'tape' is not NAME=N"),
        (["--server", "unix:/x", "--gpus", "a"], "'a' is not a list of numbers"),
        (["--serve", "unix:/x", "--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_nonsense_is_named(
    argv: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, the field, the value, and what would be right."""
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err
