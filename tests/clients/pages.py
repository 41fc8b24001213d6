"""The files that a page tells its reader to copy: the very text is what a test runs.

```yaml title="rota/config.yaml"    ──▶  folder/rota/config.yaml
executor: slurm
```
"""

from __future__ import annotations

import re
from pathlib import Path

PAGES = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "clients"
_BLOCK = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def files(page: str) -> dict[str, str]:
    """Return what the page names: {path: text}."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    return dict(_BLOCK.findall(text))


def copy(page: str, folder: Path) -> None:
    """Do what the reader does: put every file of the page below *folder*."""
    found = files(page)
    assert found, f"{page}.md names no file to copy"
    for name, text in found.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
