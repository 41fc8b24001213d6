"""The table as JSON Schema (2020-12), for editors and for other programs.

    job_schema()        one job
    job_file_schema()   a file: one job, a list of them, or {jobs: […], defaults: {…}}

It is what is enforced: ``check`` accepts a document exactly when the schema does.  What
comes after needs the whole job: exactly one of command, argv and script, for example.
"""

from __future__ import annotations

from typing import Any, Dict

from rota.core.fields.field import Field
from rota.core.fields.table import FIELDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def job_schema() -> Dict[str, Any]:
    """Return the schema of one job document."""
    properties: Dict[str, Any] = {}
    for row in FIELDS.values():
        properties[row.name] = _property(row)
        for alias in row.aliases:
            properties[alias] = {**row.kind.schema(), "description": f"Same as {row.name}."}
    return {
        "$schema": DIALECT,
        "title": "A Rota job",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def job_file_schema() -> Dict[str, Any]:
    """Return the schema of a job file."""
    job = {key: held for key, held in job_schema().items() if key != "$schema"}
    one = {"$ref": "#/$defs/job"}
    many = {"type": "array", "items": one, "minItems": 1}
    several = {
        "type": "object",
        "properties": {
            "jobs": {**many, "description": "Jobs that are submitted together."},
            "defaults": {**one, "description": "Keys for each job that lacks them."},
        },
        "required": ["jobs"],
        "additionalProperties": False,
    }
    return {
        "$schema": DIALECT,
        "title": "A Rota job file",
        "anyOf": [one, many, several],
        "$defs": {"job": job},
    }


def _property(row: Field) -> Dict[str, Any]:
    return {**row.kind.schema(), "description": row.says, "examples": [row.example]}
