"""What if: this queue's own past, replayed under other policies or with more nodes.

    asked ──▶ python -m rota simulate --history --json …  ──▶ its answer, or its complaint

A process of its own, as it counts for seconds; one at a time, and not for ever.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rota.core.errors import Conflict, Refused

LIMIT_S = 120.0
TOLD_MAX = 500


@dataclass(slots=True)
class WhatIf:
    """Replays the history of the server in *home*."""

    home: str
    limit_s: float = LIMIT_S
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def compare(
        self, policies: Sequence[str], *, with_nodes: str | None, since: str | None
    ) -> dict[str, Any]:
        """Return the simulator's comparison of *policies*, one run for each.

        Raises:
            Conflict: another replay is running.
            Refused: it takes too long, or the simulator says no; in its words.
        """
        if self._busy.locked():
            raise Conflict("another replay is running; ask again when it is over")
        first, *others = policies
        words = ["--history", "--home", self.home, "--json", "--policy", first]
        for name in others:
            words += ["--compare", name]
        words += ["--with-nodes", with_nodes] if with_nodes else []
        words += ["--since", since] if since else []
        async with self._busy:
            told: dict[str, Any] = json.loads(await self._run(words))
        return told if "runs" in told else {"trace": told["trace"], "runs": [told]}

    async def _run(self, words: Sequence[str]) -> bytes:
        process = await asyncio.create_subprocess_exec(
            "nice", sys.executable, "-m", "rota", "simulate", *words,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self.limit_s):
                answer, said = await process.communicate()
        except TimeoutError:
            raise Refused(
                f"the replay takes more than {self.limit_s:.0f} s; ask for less"
                " of the past, such as 7d, or run rota simulate --history yourself"
            ) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            lines = said.decode(errors="replace").strip().splitlines() or ["no word"]
            raise Refused(lines[-1][:TOLD_MAX])
        return answer
