"""Job keys that say which files travel with it, to its node and back."""

from __future__ import annotations

from typing import Tuple

from rota.core.fields import forms
from rota.core.fields.field import Field

ROWS: Tuple[Field, ...] = (
    Field(
        "inputs", "files", forms.FILE_RULES,
        "Files and folders that are copied when it is submitted and laid into its fresh"
        " folder when it starts: names or patterns, `from -> to` to call them otherwise;"
        " {task}, {item} and other values of an array in them give each task its own.",
        "inputs", "", ["model.py", "case-{task}.dat -> deck.dat"], "--inputs",
        akin=("input_files", "transfer_input_files", "inputsandbox", "stage_in"),
    ),
    Field(
        "outputs", "files", forms.FILE_RULES,
        "Files and folders of its working folder that are stored when it has ended, for"
        " rota fetch; `none` stores nothing.",
        "outputs", "what is new, if it has inputs", ["results/", "*.log -> logs"],
        "--outputs",
        akin=("output_files", "transfer_output_files", "outputsandbox", "stage_out"),
    ),
    Field(
        "expect", "files", forms.FILE_RULES,
        "Outputs that must exist and not be empty when it ends with exit code 0; else it"
        " has failed.",
        "expect", "", ["results/final.h5"], "--expect",
        akin=("expected", "must_exist", "products"),
    ),
    Field(
        "freeze", "files", forms.PATH,
        "A folder that is copied whole when it is submitted, so that later edits do not"
        " reach it: its fresh folder begins as that copy. What .gitignore and .rotaignore"
        " name is left out.",
        "freeze", "", ".", "--freeze",
        akin=("snapshot", "code", "source"),
    ),
    Field(
        "tree", "files", forms.TREE,
        "The digest of the stored tree that its folder begins with: what inputs and freeze"
        " become when it is submitted.",
        "tree", "", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "--tree",
    ),
)  # fmt: skip
