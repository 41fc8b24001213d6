"""The options of sbatch, srun and salloc."""

from rota.formats.sbatch.options import SALLOC, SBATCH, SRUN, VARIABLES, WITHOUT_EFFECT


def test_no_two_options_share_a_letter() -> None:
    """In none of the tables."""
    for table in (SBATCH, SRUN, SALLOC):
        letters = [letter for letter, _ in table.rows.values() if letter]
        assert len(letters) == len(set(letters))


def test_variables_and_idle_options_are_options() -> None:
    """A misspelt row would never be found."""
    assert set(VARIABLES.values()) <= set(SBATCH.rows)
    assert set(WITHOUT_EFFECT) <= set(SBATCH.rows)
