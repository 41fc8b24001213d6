"""The scripts of the campaign are no package: let the tests find them as tasks do."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "campaign"))

# A page that does not agree must show where: shell.py asserts, and is no test file.
pytest.register_assert_rewrite("tests.examples.shell")
