"""The one table of everything a job can say.

    a row ──→ what validates it, its JSON Schema, its `#ROTA` line and `rota submit` option,
              its line in docs/reference/job-file.md, its row in `--dry-run`

To add a key, add a row to a file of ``rows`` (and its attribute to JobSpec or Request,
which a test checks).
"""

from __future__ import annotations

from typing import Dict

from rota.core.fields.field import Field
from rota.core.fields.rows import failure, files, many, needs, people, run, when, where

FIELDS: Dict[str, Field] = {
    row.name: row
    for group in (run, files, needs, where, when, many, failure, people)
    for row in group.ROWS
}
"""Every key, in the order people read them."""
