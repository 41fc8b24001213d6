"""Rows of the table of job keys, a file for each group; ``table.FIELDS`` is all."""
