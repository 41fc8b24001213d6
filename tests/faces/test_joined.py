"""What a home keeps of the servers that it joined."""

from __future__ import annotations

import stat
from pathlib import Path

from rota.faces.joined import Membership, memberships


def test_what_joining_gave_is_kept_and_is_the_owners_alone(tmp_path: Path) -> None:
    """The token is in a file, not in the command line (G31)."""
    one = Membership(str(tmp_path / "joined" / "abc"))
    assert memberships(str(tmp_path)) == []
    one.write("https://box:1", "secret", ["--name", "n 1", "--label", "far"])

    (again,) = memberships(str(tmp_path))
    assert (again.url, again.name) == ("https://box:1", "n 1")
    assert again.options == ["--name", "n 1", "--label", "far"]
    assert "secret" not in " ".join(again.command())
    for name in ("token", "options", "address"):
        assert stat.S_IMODE((tmp_path / "joined" / "abc" / name).stat().st_mode) == 0o600
    assert not again.is_running()
    assert again.stop(wait_s=1)
