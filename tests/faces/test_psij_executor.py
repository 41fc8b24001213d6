"""The descriptor by which PSI/J finds our executor; tests/clients runs it."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_descriptor_names_a_class_that_there_is() -> None:
    """A misspelt path would be found by users only."""
    text = (ROOT / "src/psij-descriptors/rota_descriptor.py").read_text()
    assert '"rota.faces.psij_executor.RotaJobExecutor"' in text
    tree = ast.parse((ROOT / "src/rota/faces/psij_executor.py").read_text())
    assert "RotaJobExecutor" in [n.name for n in tree.body if isinstance(n, ast.ClassDef)]
