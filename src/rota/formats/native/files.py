"""A whole job file: which syntax it is in, and the documents it holds."""

from __future__ import annotations

import re

from rota.core.errors import Complaint, Malformed
from rota.core.fields.telling import an_odd_char
from rota.formats.native.document import Document
from rota.formats.native.lines import read_line, read_script
from rota.formats.spots import place, spot_at

KINDS = ("yaml", "json", "toml", "script", "line")
"""What a file may be; "line" is a one-liner such as "mode: bynode; n: 5"."""

_BY_ENDING = {"yaml": "yaml", "yml": "yaml", "json": "json", "toml": "toml"}


def kind_of(name: str, text: str) -> str:
    """Return which of ``KINDS`` a file named *name* with *text* is, as well as one can say.

    A first line with #! makes a script of anything; then the ending counts; then a brace
    or bracket makes it JSON; the rest is YAML.
    """
    if text.startswith("#!"):
        return "script"
    _, dot, ending = name.rpartition(".")
    if dot and ending.lower() in _BY_ENDING:
        return _BY_ENDING[ending.lower()]
    return "json" if text.lstrip()[:1] in ("{", "[") else "yaml"


def parse_file(text: str, kind: str, *, where: str = "job file") -> list[Document]:
    """Return the documents of *text*, which is of *kind*, one of ``KINDS``.

    Args:
        where: the name of the file, for complaints: they say "jobs.yaml:12:3".

    Raises:
        Malformed: its complaints say where and what.
    """
    text = text.removeprefix("\ufeff")
    odd = re.search("[\0\ud800-\udfff]", text)
    if odd:
        problem = f"has {an_odd_char(odd[0])} in it"
        at = place(where, spot_at(text, odd.start()))
        raise Malformed(complaints=[Complaint("", problem, "", at)])
    if kind == "script":
        return [read_script(text, where=where)]
    if kind == "line":
        return [read_line(text, where=where)]
    if kind == "yaml":
        from rota.formats.native.yamls import read_yaml

        return read_yaml(text, where=where)
    from rota.formats.native import jsons

    read = {"json": jsons.read_json, "toml": jsons.read_toml}[kind]
    return read(text, where=where)
