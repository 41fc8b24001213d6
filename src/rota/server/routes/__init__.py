"""The routes of the API, by subject; ``table.ROUTES`` lists them all."""
