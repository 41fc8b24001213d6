"""Whose account attempts run under: the agent's own, or that of whoever handed them in.

    Account.of(uid, name) ──▶ popen()      how a shepherd is started that is that user
                          ╰─▶ entered()    while it lasts, files are opened as that user

An agent of root that serves many users never does anything in their folders as root (G25):
their shepherds give up all rights before they do anything, and what the agent itself reads
there it reads with the user's rights, so that a link leads it nowhere the user cannot go.
"""

from __future__ import annotations

import contextlib
import os
import pwd
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

PATH = "/usr/local/bin:/usr/bin:/bin"
UMASK = 0o022


class NoAccount(Exception):
    """Nobody's account here can be used; the text says why."""


class Account(NamedTuple):
    """One account; *uid* None: the one that the agent runs under, which is not changed."""

    uid: Optional[int] = None
    gid: int = -1
    name: str = ""
    home: str = "/"
    groups: List[int] = []

    @classmethod
    def of(cls, uid: int, name: str) -> "Account":
        """Return the account of user *uid*, whom the server calls *name*.

        Raises:
            NoAccount: this machine does not know them, or by another name.
        """
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            raise NoAccount(f"this node has no account with user id {uid}") from None
        if name and entry.pw_name != name:
            raise NoAccount(
                f"user id {uid} is {entry.pw_name} on this node, and {name} at the server"
            )
        groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
        return cls(uid, entry.pw_gid, entry.pw_name, entry.pw_dir, groups)

    def popen(self) -> Dict[str, Any]:
        """Return what ``subprocess.Popen`` has to be told to start somebody as this user.

        Its rights are given up before its program is there, its environment is new.
        """
        if self.uid is None:
            return {}
        env = {"PATH": PATH, "HOME": self.home, "USER": self.name, "LOGNAME": self.name}
        return {
            "user": self.uid, "group": self.gid, "extra_groups": self.groups,
            "umask": UMASK, "env": env,
        }  # fmt: skip

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Open, make and look at files with the rights of this user."""
        if self.uid is None or self.uid == os.geteuid():
            yield
            return
        own = os.getgroups(), os.getegid(), os.geteuid()
        os.setgroups(self.groups)
        os.setegid(self.gid)
        os.seteuid(self.uid)
        try:
            yield
        finally:
            groups, gid, uid = own
            os.seteuid(uid)
            os.setegid(gid)
            os.setgroups(groups)


OWN = Account()
"""The account that the agent itself runs under."""
