"""Whose account it is, and what may be opened as that user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rota.agent.accounts import OWN, Account, NoAccount

NOBODY = 65534

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")


def test_the_agents_own_account_changes_nothing() -> None:
    """Neither who opens files nor how a program is started."""
    with OWN.entered():
        assert os.geteuid() == os.getuid()
    assert OWN.popen() == {}


def test_who_is_not_known_here_has_no_account() -> None:
    """Nor has who is somebody else here: user ids differ between machines."""
    with pytest.raises(NoAccount, match="no account with user id 3999999999"):
        Account.of(3_999_999_999, "ghost")
    with pytest.raises(NoAccount, match="user id 0 is root on this node, and alice at"):
        Account.of(0, "alice")
    assert Account.of(0, "root").name == Account.of(0, "").name == "root"


@as_root
def test_files_are_opened_with_the_users_rights(tmp_path: Path) -> None:
    """And afterwards with one's own again, also when it failed."""
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o600)
    before = os.getgroups()
    with pytest.raises(PermissionError), Account.of(NOBODY, "nobody").entered():
        secret.read_text()
    assert (os.geteuid(), os.getegid(), os.getgroups()) == (0, 0, before)
    assert secret.read_text() == "x"


@as_root
def test_what_is_started_has_no_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real, effective and saved ids, groups, and nothing of our environment."""
    monkeypatch.setenv("SECRET", "1")
    code = "import os; print(os.getresuid(), os.getresgid(), os.getgroups(), *os.environ)"
    done = subprocess.run(
        ["/usr/bin/python3", "-c", code] if Path("/usr/bin/python3").exists()
        else [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, cwd="/",
        **Account.of(NOBODY, "nobody").popen(),
    )  # fmt: skip
    assert done.stdout.startswith(f"{(NOBODY,) * 3} {(NOBODY,) * 3} [{NOBODY}]")
    assert "SECRET" not in done.stdout
