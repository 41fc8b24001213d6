"""Boolean expressions over labels, as the round asks them; they live in ``core.labels``,
because job files are checked for them too."""

from rota.core.labels import holds, named, parse

__all__ = ["holds", "named", "parse"]
