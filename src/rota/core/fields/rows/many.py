"""Job keys that say arrays."""

from __future__ import annotations

from typing import Tuple

from rota.core.fields import forms
from rota.core.fields.field import Field

ROWS: Tuple[Field, ...] = (
    Field(
        "array", "many", forms.ARRAY,
        "One task for each index, {task} in the command; %20 runs at most 20 at a time."
        " With items, lines or vectors, %20 alone is enough.",
        "array", "", "0-999%20", "--array",
        akin=("tasks", "parameters", "indexes", "parametric"),
    ),
    Field(
        "items", "many", forms.ITEMS,
        "One task for each of these, {item} in the command.",
        "array", "", ["a.dat", "b.dat"], "--items",
        akin=("values", "foreach", "list"),
    ),
    Field(
        "lines", "many", forms.PATH,
        "One task for each line of this file, {item} in the command; empty lines do not"
        " count.",
        "array", "", "cases.txt", "--lines",
        akin=("from_file", "csv"),
    ),
    Field(
        "vectors", "many", forms.VECTORS,
        "Named values, one task for each position; {name} in the command. A list, or"
        " start, step, factor, count: v[0] = start, v[i] = v[i−1] × factor + step.",
        "array", "",
        {"size": {"start": 1, "step": 0, "factor": 2, "count": 3}, "case": ["a", "b", "c"]},
        "--vector",
        akin=("vector", "sweep", "params", "matrix"),
    ),
    Field(
        "max_fails", "many", forms.FAILS,
        "What waits of an array is cancelled when so many of its tasks have failed.",
        "max_fails", "none", 10, "--max-fails",
        akin=("max_failures", "fail_limit"),
    ),
)  # fmt: skip
