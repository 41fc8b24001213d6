"""How to get an agent running somewhere."""
