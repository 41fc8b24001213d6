"""Databases of all released versions: they must still open, queue intact (G06)."""
