"""What a job can say: one table, and the validator, schema and docs made from it.

field.py     what a row of the table is made of
table.py     FIELDS: every key, what it means, what it may look like
rows/        its rows, a file for each group
kinds.py     sizes, durations, words …: read, parsed, shown, described as schema
groups.py    lists, mappings and choices of those;  forms.py  the ones that rows share
check.py     a document against the table
schema.py    the table as JSON Schema
"""

from rota.core.fields.check import NAMES, Notes, check, find, unknown
from rota.core.fields.field import Field
from rota.core.fields.kinds import Kind
from rota.core.fields.planned import GROUPS, PLANNED
from rota.core.fields.schema import job_file_schema, job_schema
from rota.core.fields.table import FIELDS

__all__ = [
    "FIELDS",
    "GROUPS",
    "NAMES",
    "PLANNED",
    "Field",
    "Kind",
    "Notes",
    "check",
    "find",
    "job_file_schema",
    "job_schema",
    "unknown",
]
