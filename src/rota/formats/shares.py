"""The share tree as an operator writes it: users, and accounts with members of their own.

ann: 2
physics: {shares: 3, members: {ann: 1, bob: 1, theory: {members: {cyd: 1}}}}

An account stands in one place of the tree, a user once in each account.
"""

from __future__ import annotations

from typing import Any

from rota.core.fields import Kind, forms
from rota.core.fields.kinds import Note, Number
from rota.core.fields.telling import plain, quoted, suggest

DEPTH_MAX, NAMES_MAX = 20, 100_000


class Positive(Number):
    """A number above 0."""

    shape = "a number above 0"

    def read(self, value: Any, note: Note) -> Any:
        if type(value) in (int, float) and value <= 0:
            note(f"is {quoted(value)}, it must be above 0")
            return value
        return super().read(value, note)


class ShareTree(Kind):
    """See the head of the file; reads to {name: weight, or {shares, members}}."""

    shape = "a mapping of users and accounts to shares"
    literal = True

    def read(self, value: Any, note: Note) -> Any:
        accounts: dict[str, str] = {}
        return self._members(value, note, at="", accounts=accounts)

    def _members(self, value: Any, note: Note, *, at: str, accounts: dict[str, str]) -> Any:
        if not isinstance(value, dict):
            note(f"must be {self.shape}, not {quoted(value)}", "", at)
            return {}
        if len(value) > NAMES_MAX or at.count(".members") > DEPTH_MAX:
            note("is too large", f"at most {NAMES_MAX} names, {DEPTH_MAX} deep", at)
            return {}
        return {
            name: self._one(name, held, note, at=f"{at}.{plain(name)}", accounts=accounts)
            for name, held in value.items()
        }

    def _one(
        self, name: Any, held: Any, note: Note, *, at: str, accounts: dict[str, str]
    ) -> Any:
        if type(name) is not str or not forms.WORD.fits(name):
            note(f"{quoted(name)} is not {forms.WORD.says}", "", at)
            return 1.0
        if not isinstance(held, dict):
            found = Positive().read(held, lambda said, cure="", _="": note(said, cure, at))
            return float(found) if type(found) in (int, float) else 1.0
        if name in accounts:
            cure = f"the other is at shares{accounts[name]}; one account, one place"
            note(f"the account {name} stands in two places", cure, at)
        accounts[name] = at
        for key in held:
            if key not in ("shares", "members"):
                cure = suggest(key, ("shares", "members")) or "keys are shares, members"
                note("unknown key", cure, f"{at}.{plain(key)}")
        shares = Positive().read(
            held.get("shares", 1),
            lambda said, cure="", _="": note(said, cure, f"{at}.shares"),
        )
        members = held.get("members", {})
        if isinstance(members, dict) and name in members:
            note(f"{name} is in an account of their own name", "one name, one thing", at)
        return {
            "shares": float(shares) if type(shares) in (int, float) else 1.0,
            "members": self._members(members, note, at=f"{at}.members", accounts=accounts),
        }
