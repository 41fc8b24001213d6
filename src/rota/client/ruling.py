"""What is in force, and who changed what: queues, users, licences, config, audit log.

Client(RulingVerbs)    AsyncClient(AsyncRulingVerbs)
"""

from __future__ import annotations

from rota.client.calls import Call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any


def queues() -> Call:
    """Ask for the queues and their limits."""
    return Call("GET", "/queues")


def users() -> Call:
    """Ask how users stand: shares, usage, factor, limits."""
    return Call("GET", "/users")


def accounts() -> Call:
    """Ask how accounts stand: shares, usage, factor, limits."""
    return Call("GET", "/accounts")


def limited(kind: str, name: str, keys: Mapping[str, Any] | None) -> Call:
    """Ask to set limits of a user, account or queue; without *keys* to remove them."""
    body = {"kind": kind, "name": name, "set": None if keys is None else dict(keys)}
    return Call("POST", "/limits", body=body)


def licences() -> Call:
    """Ask for the licences, what is free of them and who holds the rest."""
    return Call("GET", "/licences")


def reservations() -> Call:
    """Ask for the reservations and maintenance there are."""
    return Call("GET", "/reservations")


def reserved(name: str, said: Mapping[str, Any]) -> Call:
    """Ask to keep nodes for somebody, or for maintenance."""
    return Call("POST", "/reservations/add", body={"name": name, **said})


def given_up(name: str) -> Call:
    """Ask to give up a reservation."""
    return Call("POST", "/reservations/remove", body={"name": name})


def config() -> Call:
    """Ask what is in force: policy, queues, limits, licences, windows, shares."""
    return Call("GET", "/config")


def audit(
    *,
    user: Sequence[str] = (),
    action: Sequence[str] = (),
    refused: bool = False,
    since: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Call:
    """Ask for one page of the audit log, newest first: who changed what, and why."""
    query = {
        "user": user, "action": action, "refused": refused, "since": since,
        "limit": limit, "cursor": cursor,
    }  # fmt: skip
    return Call("GET", "/audit", query=query)


def reloaded() -> Call:
    """Ask to have the operator's file read again."""
    return Call("POST", "/config/reload")


class RulingVerbs:
    """Needs of its class how to ask."""

    _ask: Callable[[Call], dict[str, Any]]

    def queues(self) -> dict[str, Any]:
        """Return the queues and their limits."""
        return self._ask(queues())

    def users(self) -> dict[str, Any]:
        """Return how users stand: shares, usage, factor, limits."""
        return self._ask(users())

    def accounts(self) -> dict[str, Any]:
        """Return how accounts stand: shares, usage, factor, limits."""
        return self._ask(accounts())

    def licences(self) -> dict[str, Any]:
        """Return the licences, what is free of them and who holds the rest."""
        return self._ask(licences())

    def reservations(self) -> dict[str, Any]:
        """Return the reservations and maintenance: which nodes, when, for whom."""
        return self._ask(reservations())

    def reserve(self, name: str, **said: Any) -> dict[str, Any]:
        """Keep nodes in a window of time; return it, and what may run on into it.

        Shapes:
            said: start (now when left out) and end, ISO-8601 with a zone, or duration:
                  "4h"; nodes=[…], count=2 or cores=64, labels=[…]; users=[…],
                  accounts=[…], or maintenance=True
        """
        return self._ask(reserved(name, said))

    def give_up(self, name: str) -> dict[str, Any]:
        """Give up a reservation that was set live."""
        return self._ask(given_up(name))

    def config(self) -> dict[str, Any]:
        """Return what is in force: policy, queues, limits, licences, windows, shares."""
        return self._ask(config())

    def reload_config(self) -> dict[str, Any]:
        """Have the operator's file read again; return what is in force then."""
        return self._ask(reloaded())

    def limit(self, kind: str, name: str, **keys: Any) -> dict[str, Any]:
        """Set limits of the user, account or queue *name*; return those in force.

        Shapes:
            kind: user, account or queue;  name: "*" is each
            keys: as in config.yaml: cores=64, memory="1TB"; "none": no limit of that
        """
        return self._ask(limited(kind, name, keys))

    def unlimit(self, kind: str, name: str) -> dict[str, Any]:
        """Remove what was set live: the operator's file holds again."""
        return self._ask(limited(kind, name, None))

    def audit(self, **conditions: Any) -> dict[str, Any]:
        """Return one page of the audit log, newest first; conditions as in ``audit``."""
        return self._ask(audit(**conditions))


class AsyncRulingVerbs:
    """The same for asyncio."""

    _ask: Any

    async def queues(self) -> dict[str, Any]:
        """Return the queues and their limits."""
        found: dict[str, Any] = await self._ask(queues())
        return found

    async def users(self) -> dict[str, Any]:
        """Return how users stand: shares, usage, factor, limits."""
        found: dict[str, Any] = await self._ask(users())
        return found

    async def accounts(self) -> dict[str, Any]:
        """Return how accounts stand: shares, usage, factor, limits."""
        found: dict[str, Any] = await self._ask(accounts())
        return found

    async def licences(self) -> dict[str, Any]:
        """Return the licences, what is free of them and who holds the rest."""
        found: dict[str, Any] = await self._ask(licences())
        return found

    async def reservations(self) -> dict[str, Any]:
        """Return the reservations and maintenance: which nodes, when, for whom."""
        found: dict[str, Any] = await self._ask(reservations())
        return found

    async def reserve(self, name: str, **said: Any) -> dict[str, Any]:
        """Keep nodes in a window of time; see ``RulingVerbs.reserve``."""
        found: dict[str, Any] = await self._ask(reserved(name, said))
        return found

    async def give_up(self, name: str) -> dict[str, Any]:
        """Give up a reservation that was set live."""
        found: dict[str, Any] = await self._ask(given_up(name))
        return found

    async def config(self) -> dict[str, Any]:
        """Return what is in force: policy, queues, limits, licences, windows, shares."""
        found: dict[str, Any] = await self._ask(config())
        return found

    async def reload_config(self) -> dict[str, Any]:
        """Have the operator's file read again; return what is in force then."""
        found: dict[str, Any] = await self._ask(reloaded())
        return found

    async def limit(self, kind: str, name: str, **keys: Any) -> dict[str, Any]:
        """Set limits; see ``RulingVerbs.limit``."""
        found: dict[str, Any] = await self._ask(limited(kind, name, keys))
        return found

    async def unlimit(self, kind: str, name: str) -> dict[str, Any]:
        """Remove what was set live: the operator's file holds again."""
        found: dict[str, Any] = await self._ask(limited(kind, name, None))
        return found

    async def audit(self, **conditions: Any) -> dict[str, Any]:
        """Return one page of the audit log, newest first."""
        found: dict[str, Any] = await self._ask(audit(**conditions))
        return found
