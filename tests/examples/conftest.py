"""The scripts of the campaign are no package: let the tests find them as tasks do."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "campaign"))
