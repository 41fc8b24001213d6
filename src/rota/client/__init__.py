"""The SDK.

from rota.client import AsyncClient, Client, Executor     imported when first asked for:
                                                          the command line needs none
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rota.client.aio import AsyncClient
    from rota.client.executor import Executor
    from rota.client.http import Client

__all__ = ["AsyncClient", "Client", "Executor"]


def __getattr__(name: str) -> object:
    if name == "Client":
        from rota.client.http import Client

        return Client
    if name == "AsyncClient":
        from rota.client.aio import AsyncClient

        return AsyncClient
    if name == "Executor":
        from rota.client.executor import Executor

        return Executor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
