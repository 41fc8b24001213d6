"""The command ``wam`` over our queue: decks in, monitor files and results out."""
