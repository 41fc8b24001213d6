"""Rota's own job files: text → documents → JobSpec.

    text ──parse_file──→ documents ──with_script, merge, expand──→ what travels
                                       what travels ──build_many──→ JobSpec

A document is a mapping of the keys of ``core.fields``.  Text comes in as an argument and
other files through callbacks: nothing is opened here.  The CLI does the first line, the
server the second: one program decides, whoever sends the document.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rota.formats.native.document import Document
    from rota.formats.native.edit import amend
    from rota.formats.native.files import KINDS, kind_of, parse_file
    from rota.formats.native.layers import Row, explain, merge
    from rota.formats.native.lines import read_line, read_options, read_script
    from rota.formats.native.machine import Machine, expand, with_script
    from rota.formats.native.specs import build, build_many

__all__ = [
    "KINDS",
    "Document",
    "Machine",
    "Row",
    "amend",
    "build",
    "build_many",
    "expand",
    "explain",
    "kind_of",
    "merge",
    "parse_file",
    "read_line",
    "read_options",
    "read_script",
    "with_script",
]

_MODULES = {
    "document": ("Document",),
    "edit": ("amend",),
    "files": ("KINDS", "kind_of", "parse_file"),
    "layers": ("Row", "explain", "merge"),
    "lines": ("read_line", "read_options", "read_script"),
    "machine": ("Machine", "expand", "with_script"),
    "specs": ("build", "build_many"),
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: `rota submit` pays for half of this package only."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"{__name__} has no {name}")
