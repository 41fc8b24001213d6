"""The page's files: as they are, under a strict policy, and nothing else of the disk."""

from __future__ import annotations

import re

import pytest

from rota.server.site import FOLDER, MEDIA
from tests.server.running import Server

FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in MEDIA)


@pytest.mark.parametrize("name", ["", *FILES])
def test_g33_files_are_served_with_their_policy(shared: Server, name: str) -> None:
    """No foreign address, no inline script, no framing (G33)."""
    status, body, headers = shared.raw("GET", f"/{name}")
    assert (status, len(body) > 100) == (200, True)
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    again, _, _ = shared.raw("GET", f"/{name}", headers={"If-None-Match": headers["etag"]})
    assert again == 304


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/web/app.js", "/app.py", "/%2e%2e/x"]
)
def test_nothing_else_can_be_asked_for(shared: Server, path: str) -> None:
    """Not even by a clever path."""
    assert shared.raw("GET", path)[0] == 404


def test_g32_the_page_has_no_markup_from_data_and_no_foreign_address() -> None:
    """What a job is called stays text (G32)."""
    for name in FILES:
        text = (FOLDER / name).read_text()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text
        )
        foreign = [
            u for u in re.findall(r"https?://[^\s\"']+", text) if "www.w3.org" not in u
        ]
        assert foreign == []
        assert not re.search(
            r"<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|style=", text
        ) or name.endswith(".js")


def test_all_modules_are_asked_for_at_once() -> None:
    """Found one behind the other, they would take three ways to the server and back."""
    index = (FOLDER / "index.html").read_text()
    asked = set(re.findall(r'rel="modulepreload" href="/([^"]+)"', index))
    there = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.js")}
    assert asked == there - {"app.js"}
