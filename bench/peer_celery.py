"""What Celery's worker imports: its queue and the task; see ``peer_jobs``."""

from __future__ import annotations

from celery import Celery
from peer_jobs import REDIS, spawned

where = REDIS.replace("unix://", "redis+socket://")
app = Celery("peer_celery", broker=where, backend=where)
app.conf.worker_prefetch_multiplier = 4
task = app.task(spawned, name="spawned")
