"""What moving a file costs, beside ``cp`` of the same file on the same disk.

A file of chance, so nothing is deflated away.  *In* is the stage that lays it into a fresh
folder: first from the server, then from what the node keeps.  *Out* is the stage that
stores it.  Each is divided by what ``cp`` and ``sync`` of that file took a moment before.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from statistics import median
from typing import Any

from figure import Figure, Value
from place import JOB, Place


def measure(*, quick: bool) -> Figure:
    """Move a file in twice and out once, several times; return ratios to ``cp``."""
    size, rounds = (16 << 20, 2) if quick else (128 << 20, 5)
    cold, warm, out = [], [], []
    with Place(cores=2) as place:
        for _ in range(rounds):
            source = Path(place.home, "in.bin")
            source.write_bytes(os.urandom(size))
            copied_s = copy_s(source)
            doc = {k: v for k, v in JOB.items() if k != "cwd"} | {"inputs": str(source)}
            first = stages(place, {**doc, "outputs": ["none"]})
            second = stages(place, {**doc, "outputs": ["none"]})
            # Stored anew: with another byte in front it is another file.
            command = "(echo; cat in.bin) > out.bin"
            third = stages(
                place, {**doc, "argv": ["sh", "-c", command], "outputs": ["out.bin"]}
            )
            cold.append(first["stage_in_s"] / copied_s)
            warm.append(second["stage_in_s"] / copied_s)
            out.append(third["stage_out_s"] / copied_s)
    return Figure(
        "staging",
        [
            Value("in, first time ÷ cp", median(cold), "×"),
            Value("in, kept on the node ÷ cp", median(warm), "×"),
            Value("out ÷ cp", median(out), "×"),
        ],
        notes={"bytes": size, "rounds": rounds},
    )


def copy_s(source: Path) -> float:
    """Return the seconds that copying *source* to the disk itself takes."""
    target = source.with_suffix(".copy")
    began = time.perf_counter()
    subprocess.run(["cp", str(source), str(target)], check=True)
    subprocess.run(["sync", str(target)], check=True)
    passed = time.perf_counter() - began
    target.unlink()
    return passed


def stages(place: Place, doc: dict[str, Any]) -> dict[str, float]:
    """Run *doc*; return the seconds of its stages."""
    job = place.client.submit(doc)[0].id
    place.client.wait(job)
    found: dict[str, float] = place.client.job(job).raw["usage"]["stages"]
    return found
