"""Makes the one file that travels: ``python -m rota.agent.bundle OUT.pyz``.

    rota/agent/*.py + what of ours they import ──▶ OUT.pyz ──▶ python3 OUT.pyz --server …

The same sources give the same bytes.  Nothing but Python ≥ 3.9 is needed to run it.
"""

from __future__ import annotations

import ast
import os
import sys
import zipfile
from typing import Dict, Iterator, Set

_FIRST = "rota.agent.__main__"
_LAUNCH = "import sys\nfrom rota.agent.__main__ import main\nsys.exit(main())\n"
_NOT_NEEDED = {"rota.agent.bundle"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


def modules() -> Dict[str, str]:
    """Return what goes in: {path in the file: path here}, sorted; found by imports."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    ahead = [_FIRST, "rota.agent.fold", "rota.agent.spread"]
    seen: Set[str] = set()
    found: Dict[str, str] = {}
    while ahead:
        name = ahead.pop()
        if name in seen or name in _NOT_NEEDED:
            continue
        seen.add(name)
        inside = _file_of(root, name)
        if inside is not None:
            found[inside] = os.path.join(root, inside)
            ahead.extend(_imports(found[inside]))
            if "." in name:
                ahead.append(name.rsplit(".", 1)[0])
    return dict(sorted(found.items()))


def write(path: str) -> None:
    """Write the one file to *path*, executable."""
    with open(path, "wb") as target:
        target.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(target, "w") as archive:
            _add(archive, "__main__.py", _LAUNCH)
            for inside, source in modules().items():
                with open(source, encoding="utf-8") as text:
                    _add(archive, inside, text.read())
    os.chmod(path, 0o755)


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, text.encode("utf-8"), compresslevel=9)


def _file_of(root: str, name: str) -> "str | None":
    for path in (name.replace(".", "/") + ".py", name.replace(".", "/") + "/__init__.py"):
        if os.path.exists(os.path.join(root, path)):
            return path
    return None


def _imports(path: str) -> Iterator[str]:
    """Yield the names of ours that the module at *path* imports, modules or not."""
    with open(path, encoding="utf-8") as source:
        tree = ast.parse(source.read())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("rota"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rota"):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m rota.agent.bundle OUT.pyz")
    write(sys.argv[1])
