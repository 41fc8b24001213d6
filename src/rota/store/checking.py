"""Is what is stored whole?  Rows as our words see them; files and pages are the store's."""

from __future__ import annotations

from rota.store.database import Database

PROBLEMS_MAX = 100

_LAWS = (
    (
        "a task of job {} has no job",
        "SELECT DISTINCT task.job FROM task LEFT JOIN job ON job.id = task.job "
        "WHERE job.id IS NULL",
    ),
    (
        "an attempt of job {} has no task",
        "SELECT DISTINCT attempt.job FROM attempt LEFT JOIN task "
        "ON task.job = attempt.job AND task.task = attempt.task WHERE task.job IS NULL",
    ),
    (
        "a task of job {} is placed or running without an attempt",
        "SELECT DISTINCT task.job FROM task LEFT JOIN attempt ON attempt.job = task.job "
        "AND attempt.task = task.task AND attempt.n = task.attempt "
        "WHERE task.state <> 'done' AND task.state IN ('placed', 'running', 'suspended') "
        "AND attempt.job IS NULL",
    ),
    (
        "job {} names an environment, values or a script that is not there",
        "SELECT id FROM job LEFT JOIN content AS e ON e.digest = env "
        "LEFT JOIN content AS v ON v.digest = array_values "
        "LEFT JOIN content AS s ON s.digest = script "
        "WHERE (env IS NOT NULL AND e.digest IS NULL) "
        "OR (array_values IS NOT NULL AND v.digest IS NULL) "
        "OR (script IS NOT NULL AND s.digest IS NULL)",
    ),
    (
        "job {} has ended and tasks of it have not",
        "SELECT DISTINCT task.job FROM task JOIN job ON job.id = task.job "
        "WHERE task.state <> 'done' AND task.state NOT IN ('failed', 'cancelled') "
        "AND job.state IN ('done', 'failed', 'cancelled')",
    ),
    (
        "line {} of the history is of a job that there is not",
        "SELECT event.seq FROM event LEFT JOIN job ON job.id = event.job "
        "WHERE job.id IS NULL",
    ),
)


def problems(db: Database) -> list[str]:
    """Return a sentence for each thing that is wrong, at most ``PROBLEMS_MAX``."""
    return [
        sentence.format(row[0])
        for sentence, query in _LAWS
        for row in db.execute(f"{query} LIMIT {PROBLEMS_MAX}")
    ][:PROBLEMS_MAX]
