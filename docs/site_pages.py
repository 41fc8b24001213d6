"""What the site has besides the pages of docs/: see mkdocs.yml, which calls this.

    README.md, bench/, examples/  ──▶ pages of the site         ELSEWHERE
    docs/adr/*.md                 ──▶ adr/index.md, the list of decisions
    build/shots/*.png, *.svg      ──▶ pictures.md: what the tests saw of the faces
    a link out of docs/           ──▶ to the page it has become; to a file of the source:
                                      its name only; to nothing: the build fails

Pictures are taken where ROTA_SHOTS says while tests run; ./check has them in build/shots.
"""

from __future__ import annotations

import logging
import os
import posixpath
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
SHOTS = Path(os.environ.get("ROTA_SHOTS") or ROOT / "build" / "shots")

ELSEWHERE: Mapping[str, str] = {
    "readme.md": "README.md",
    "bench.md": "bench/README.md",
    "examples/campaign.md": "examples/campaign/README.md",
    "examples/traces.md": "examples/traces/README.md",
}
"""{page of the site: file of the repository it is}."""

LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"(^```.*?^```[^\n]*$)", re.MULTILINE | re.DOTALL)

log = logging.getLogger("mkdocs.hooks.site_pages")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let each folder in the navigation stand for its pages that are not named."""
    named = set(_named(config.nav))
    config.nav = _opened(config.nav, named)
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that do not lie in docs/, and the pictures."""
    for name, source in ELSEWHERE.items():
        files.append(_made(config, name, (ROOT / source).read_text(encoding="utf-8")))
    files.append(_made(config, "adr/index.md", decisions()))
    pictures = sorted(p for p in SHOTS.glob("*") if p.suffix in (".png", ".svg"))
    files.append(_made(config, "pictures.md", gallery([p.name for p in pictures])))
    for picture in pictures:
        name = f"pictures/{picture.name}"
        files.append(File.generated(config, name, abs_src_path=str(picture)))
    return files


def on_page_markdown(
    markdown: str, *, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Lead the links of *page* to where their goals stand in the site."""
    here = page.file.src_uri
    pieces = FENCE.split(markdown)
    # What is between the matches is text, the matches themselves are code.
    pieces[::2] = [LINK.sub(lambda m: link(m, here, files), one) for one in pieces[::2]]
    return "".join(pieces)


def link(match: re.Match[str], here: str, files: Files) -> str:
    """Return the link *match* of the page *here* as the site needs it."""
    text, target, anchor = match[1], match[2], match[3] or ""
    if ":" in target:
        return match[0]
    source = ELSEWHERE.get(here, f"docs/{here}")
    goal = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
    for name in (_page_of(goal), f"{_page_of(goal)}/index.md"):
        if files.get_file_from_path(name):
            way = posixpath.relpath(name, posixpath.dirname(here) or ".")
            return f"[{text}]({way}{anchor})"
    if not (ROOT / goal).exists():
        log.warning("%s links to %s, which is nowhere", source, target)
    return text


def decisions() -> str:
    """Return the list of decisions, by number."""
    lines = [
        f"* [{title(path)}]({path.name})\n"
        for path in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    ]
    return (
        "# Decisions\n\nOne page each: what was decided, because of what, instead of what,"
        " and what follows. None is changed later; a newer one replaces it.\n\n"
        + "".join(lines)
    )


def title(path: Path) -> str:
    """Return the first heading of the page *path*, which may stand below a comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("# "))[2:].replace("`", "")


def gallery(names: Iterable[str]) -> str:
    """Return the page that shows the pictures called *names*, such as queue-dark-390.png.

    Of two themes one sees that of the site: Material hides the other by its address.
    """
    kinds: dict[str, list[str]] = {}
    for name in names:
        kinds.setdefault(name.partition(".")[0].partition("-dark-")[0].partition("-light-")[0],
                         []).append(name)  # fmt: skip
    shown = "".join(
        f"\n## {kind}\n\n" + "".join(map(_picture, taken)) for kind, taken in kinds.items()
    )
    return (
        "# Pictures\n\nTaken by the tests of the [web page](how-to/web-page.md) and of"
        " [`rota top`](how-to/top.md), which click through them: on a screen and on a"
        " phone, dark or light as this page is.\n"
        + (shown or "\nNone was taken in this build: `./check` without `--fast` does.\n")
    )


def _picture(name: str) -> str:
    theme = next((word for word in ("dark", "light") if f"-{word}-" in name), None)
    return f"![{name}](pictures/{name}{f'#only-{theme}' if theme else ''})\n\n"


def _page_of(goal: str) -> str:
    """Return where *goal*, a path of the repository, would stand in the site."""
    known = {source: name for name, source in ELSEWHERE.items()}
    return known.get(goal, goal.removeprefix("docs/") if goal != "docs" else "index.md")


def _made(config: MkDocsConfig, name: str, text: str) -> File:
    return File.generated(config, name, content=text)


def _named(nav: Any) -> Iterable[str]:
    match nav:
        case str():
            yield nav
        case dict():
            for value in nav.values():
                yield from _named(value)
        case list():
            for value in nav:
                yield from _named(value)


def _opened(nav: Any, named: set[str]) -> Any:
    match nav:
        case dict():
            return {
                key: value if isinstance(value, str) and value.endswith(".md")
                else _opened(value, named)
                for key, value in nav.items()
            }  # fmt: skip
        case list():
            kept: list[Any] = []
            for one in nav:
                opened = _opened(one, named)
                kept += opened if isinstance(opened, list) else [opened]
            return kept
        case str() if nav.endswith("/"):
            found = sorted((ROOT / "docs" / nav).glob("*.md"))
            pages = [name for path in found if (name := f"{nav}{path.name}") not in named]
            first = ["adr/index.md"] if nav == "adr/" else []
            return first + [_titled(page) for page in pages]
        case str():
            return _titled(nav)
    return nav


def _titled(page: str) -> str | dict[str, str]:
    """Return *page* of the site with the title it gives itself."""
    path = ROOT / ELSEWHERE.get(page, f"docs/{page}")
    return {title(path): page} if path.exists() else page
