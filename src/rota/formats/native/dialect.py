"""Our own dialect beside the others: job files to readings, documents to YAML."""

from __future__ import annotations

from rota.formats.reading import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def read(text: str, *, where: str) -> list[Reading]:
    """Return the jobs of a job file or a script with #ROTA lines.

    Raises:
        Malformed: its complaints say where and what.
    """
    from rota.core.errors import Malformed
    from rota.core.fields.check import Notes, check
    from rota.formats.native import kind_of, parse_file

    readings = []
    wrong = []
    for document in parse_file(text, kind_of(where, text), where=where):
        reading = Reading()
        reading.doc, reading.sources = dict(document.data), dict(document.sources)
        notes = Notes(reading.sources)
        check(reading.doc, notes)
        wrong += notes.complaints
        readings.append(reading)
    if wrong:
        raise Malformed(complaints=wrong)
    return readings


def write(doc: Mapping[str, Any]) -> tuple[str, list[tuple[str, str, str]]]:
    """Return *doc* as a job file in YAML; nothing is lost."""
    import yaml

    text = yaml.dump(dict(doc), Dumper=_dumper(), sort_keys=False, allow_unicode=True)
    return str(text), []


def _dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Texts of several lines as people write them."""

    def block(dumper: Any, text: str) -> Any:
        style = "|" if "\n" in text else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, block)
    return Dumper
