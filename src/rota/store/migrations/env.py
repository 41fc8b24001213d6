"""What Alembic runs: the steps, on the connection that ``upgrade`` hands over."""

from __future__ import annotations

from alembic import context


def run() -> None:
    """Run the steps in the transaction that is open already."""
    context.configure(
        connection=context.config.attributes["connection"], transactional_ddl=True
    )
    context.run_migrations()


run()
