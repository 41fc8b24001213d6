"""The share tree: who is entitled to what part, and how much of it they had lately.

    root ─┬─ physics  3 ─┬─ ann  1       ann of physics is entitled to 3/4 × 1/2 of all
          │              ╰─ bob  1
          ╰─ cyd      1                  cyd, who charges no account, to 1/4

A user counts once in each account they charge: what they use as ``physics/ann`` is not held
against ``biology/ann``.  Who is in no account stands beside the accounts.  Whoever the tree
does not name counts as an average one of those beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from rota.sched.fairshare import excess


def leaf(account: str, user: str) -> str:
    """Return under which name the usage of *user* for *account* is kept."""
    return user if account in ("", user) else f"{account}/{user}"


def charged(name: str) -> tuple[str, str]:
    """Return account and user of a name that ``leaf`` made; "": no account."""
    account, _, user = name.rpartition("/")
    return account, user


class Standing(NamedTuple):
    """How an account, or a user in one, stands.

    Shapes:
        account:   whom it belongs to, "" at the top
        shares:    its weight among those beside it
        entitled:  the part of everything, 0 … 1
        used:      core-milliseconds, faded
        effective: its part of all usage, 0 … 1, the others of its account counted in
    """

    name: str
    account: str
    shares: float
    entitled: float
    used: float
    effective: float

    @property
    def factor(self) -> float:
        """The fair-share factor: 1 has used nothing, ½ just its share.

        Source: the classic factor of Slurm's multifactor plugin, F = 2^(−U/S), U being the
        effective usage and S the entitlement.
        """
        return float(2.0 ** (-self.effective / self.entitled))


class Tree:
    """See the head of the file.

    Args:
        said: {name: weight > 0, of a user or an account whose members are not listed;
              or {"shares": weight, "members": {…}} of an account, and so on}
    """

    def __init__(self, said: Mapping[str, Any] | None = None) -> None:
        self._root = _Branch("", "", 1.0, dict(said or {}))
        self._is_flat = not self._root.accounts
        self._flat = self._root.users
        self.accounts: dict[str, _Branch] = {b.name: b for b in self._root.below()}
        self._homes: dict[str, list[str]] = {}
        for branch in self.accounts.values():
            for user in branch.users:
                self._homes.setdefault(user, []).append(branch.name)

    @property
    def names(self) -> set[str]:
        """All that the tree names at its top, and the accounts in those."""
        return {*self.accounts, *self._root.users}

    def home(self, user: str) -> str:
        """Return the account of a *user* who names none: the first that lists them."""
        if user in self._root.users:
            return ""
        return self._homes.get(user, [""])[0]

    def within(self, account: str) -> set[str]:
        """Return *account* and all accounts in it."""
        branch = self.accounts.get(account)
        return {account, *(below.name for below in branch.below())} if branch else {account}

    def members(self, account: str) -> list[str]:
        """Return who alone may charge *account*; [] when everybody may."""
        branch = self.accounts.get(account)
        if branch is None or not branch.is_listed:
            return []
        return sorted({*branch.users, *(u for b in branch.below() for u in b.users)})

    def excess(self, used: Mapping[str, float]) -> dict[str, float]:
        """Return by how much each used more than the average one, by its entitlement.

        Shapes:
            used:    {name as ``leaf`` makes it: core-milliseconds ≥ 0, faded}
            returns: {the same names: 0 they and their accounts used nothing … 1 used
                     everything there was at an average entitlement}
        """
        if self._is_flat and not any("/" in name for name in used):
            return excess(used, self._flat)
        found = {leaf(s.account, s.name): s for s in self.leaves(used)}
        average = sum(row.entitled for row in found.values()) / max(1, len(found))
        return {
            name: found[key].effective / found[key].entitled * average
            for name in {*used, *found}
            for key in [name if name in found else self._resolved(name)]
        }

    def leaves(self, used: Mapping[str, float]) -> Iterator[Standing]:
        """Yield how each user stands in each account that lists them or that they used."""
        return (row for row, is_leaf in self._standings(used) if is_leaf)

    def standings(self, used: Mapping[str, float]) -> Iterator[Standing]:
        """Yield how each account stands, those above before those below."""
        return (row for row, is_leaf in self._standings(used) if not is_leaf)

    def _resolved(self, name: str) -> str:
        account, user = charged(name)
        return name if account else leaf(self.home(user), user)

    def _standings(self, used: Mapping[str, float]) -> Iterator[tuple[Standing, bool]]:
        amounts: dict[str, dict[str, float]] = {}
        for name, amount in used.items():
            account, user = charged(self._resolved(name))
            held = amounts.setdefault(account, {})
            held[user] = held.get(user, 0.0) + amount
        walk = _Walk(amounts, {*amounts} - {*self.accounts, ""})
        total = walk.sum_up(self._root)
        waiting = [(self._root, Standing("", "", 1.0, 1.0, total, float(total > 0)))]
        while waiting:
            branch, above = waiting.pop()
            for row, below in walk.members(branch, above):
                yield row, below is None
                if below is not None:
                    waiting.append((below, row))


class _Branch:
    """An account of the tree, or its root.

    Attributes:
        is_listed: its members are said, others may not charge it
    """

    __slots__ = ("account", "accounts", "is_listed", "name", "shares", "users")

    def __init__(
        self, name: str, account: str, shares: float, members: Mapping[str, Any]
    ) -> None:
        self.name, self.account, self.shares = name, account, shares
        self.is_listed = bool(members)
        self.users = {n: float(s) for n, s in members.items() if not isinstance(s, Mapping)}
        self.accounts = [
            _Branch(n, name, float(s.get("shares", 1)), s.get("members", {}))
            for n, s in members.items()
            if isinstance(s, Mapping)
        ]

    def below(self) -> Iterator[_Branch]:
        """Yield all accounts in it."""
        for branch in self.accounts:
            yield branch
            yield from branch.below()


class _Walk:
    """One look at the tree: what was used, by account and user."""

    def __init__(
        self, amounts: Mapping[str, Mapping[str, float]], strangers: Iterable[str]
    ) -> None:
        self._amounts = amounts
        self._strangers = sorted(strangers)
        self._sums = {name: sum(amounts[name].values()) for name in self._strangers}
        self._total = 0.0

    def sum_up(self, branch: _Branch) -> float:
        """Return what all below *branch* used; of the root it is everything."""
        found = sum(self._amounts.get(branch.name, {}).values())
        found += sum(self.sum_up(below) for below in branch.accounts)
        if not branch.name:
            found += sum(self._sums[name] for name in self._strangers)
            self._total = found
        self._sums[branch.name] = found
        return found

    def members(
        self, branch: _Branch, above: Standing
    ) -> Iterator[tuple[Standing, _Branch | None]]:
        """Yield those right below *branch*: what they are entitled to, and had.

        Source: effective usage as Slurm's classic fair share has it: what one had, and of
        what the others of the account had, one's part by shares.
        """
        below = self._below(branch)
        everything = sum(shares for _, shares, _, _ in below)
        for name, shares, used, inner in below:
            part, own = shares / everything, used / self._total if self._total else 0.0
            lent = (above.effective - own) * part if above.name else 0.0
            yield (
                Standing(name, above.name, shares, above.entitled * part, used, own + lent),
                inner,
            )

    def _below(self, branch: _Branch) -> list[tuple[str, float, float, _Branch | None]]:
        """Return (name, shares, used, account or None) of all right below *branch*."""
        mine = self._amounts.get(branch.name, {})
        weights = [*branch.users.values(), *(b.shares for b in branch.accounts)]
        usual = sum(weights) / len(weights) if weights else 1.0
        strays = [] if branch.name else self._strangers
        accounts = [*branch.accounts] + [
            _Branch(name, "", branch.users.get(name, usual), {}) for name in strays
        ]
        names = {account.name for account in accounts}
        users = [
            user for user in {**branch.users, **mine} if user in mine or user not in names
        ]
        return [
            *((a.name, a.shares, self._sums[a.name], a) for a in accounts),
            *((u, branch.users.get(u, usual), mine.get(u, 0.0), None) for u in users),
        ]  # fmt: skip
