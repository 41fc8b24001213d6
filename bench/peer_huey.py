"""What Huey's consumer imports: its queue and the task; see ``peer_jobs``."""

from __future__ import annotations

from huey import SqliteHuey
from peer_jobs import FOLDER, spawned

huey = SqliteHuey("peer", filename=f"{FOLDER}/huey.db", fsync=True)
task = huey.task()(spawned)
