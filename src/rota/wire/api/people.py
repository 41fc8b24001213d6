"""Users and accounts: what they are entitled to, what they had, what bounds them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from rota.wire.api.words import Body, View

Part = Annotated[float, Meta(description="a part of everything, 0 … 1")]


class StandingView(View, kw_only=True):
    """How a user in an account, or an account, stands in the share tree."""

    name: str
    account: Annotated[str, Meta(description='whom it belongs to; "": nobody')]
    shares: float
    entitled: Part
    used_core_s: Annotated[float, Meta(description="core-seconds, faded")]
    effective: Annotated[
        float, Meta(description="its part of all usage, the others of its account counted")
    ]
    factor: Annotated[float, Meta(description="1: has used nothing, 0.5: just its share")]
    running: Annotated[int, Meta(description="tasks that hold resources now")]
    cores: Annotated[int, Meta(description="cores held now")]
    limits: list[dict[str, Any]]


class AccountsPage(View, kw_only=True):
    """All accounts that the share tree names or somebody charged, those above first."""

    schema: str = "rota.accounts/1"
    accounts: list[StandingView]


class UsersPage(View, kw_only=True):
    """All users that the share tree names or that submitted, once for each account."""

    schema: str = "rota.users/1"
    users: list[StandingView]


class LimitBody(Body, kw_only=True):
    """Limits to set over those of the operator's file, key by key.

    Left out or null *set*: what was set live is removed.
    """

    kind: Literal["user", "account", "queue"]
    name: Annotated[
        str,
        Meta(pattern=r"^(\*|[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,63})$", description='"*": each'),
    ]
    set: (
        Annotated[dict[str, Any], Meta(description='as in config.yaml, "none": no limit')]
        | None
    ) = None


class LimitsView(View, kw_only=True):
    """What bounds a user, an account or a queue now; *set_by* is of what was set live."""

    schema: str = "rota.limits/1"
    kind: str
    name: str
    limits: list[dict[str, Any]]
