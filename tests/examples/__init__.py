"""The example campaign: its figures against a direct computation."""
