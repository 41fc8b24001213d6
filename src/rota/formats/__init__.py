"""Other people's job files → JobSpec; text in, never a path."""
