"""The options of rota spread are said once and read twice."""

from __future__ import annotations

from rota.agent.spread import parser as on_nodes
from rota.core.spreading import NUMBERS, OPTIONS
from rota.faces.options import parser_of


def test_command_and_program_take_the_same() -> None:
    """What the help of the one says, the other does."""
    from rota.faces import spread

    shown = parser_of("spread", spread).format_help()
    taken = on_nodes().format_help()
    for option in OPTIONS:
        for name in option.names:
            assert name in shown and name in taken, name


def test_numbers_are_options() -> None:
    """Each is the long name of one."""
    assert set(NUMBERS) <= {option.names[-1] for option in OPTIONS}
