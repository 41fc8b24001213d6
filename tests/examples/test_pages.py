"""Do the README and the tutorial tell the truth?  Every command in them is run."""

import re
from pathlib import Path

import pytest

from tests.examples.conftest import ROOT
from tests.examples.shell import Shell, commands

TWO = "docs/tutorial/two-machines.md"
PAGES = ["README.md", "docs/tutorial/first-job.md", TWO]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_every_command_prints_what_the_page_says(page: str, tmp_path: Path) -> None:
    """Whoever types along sees the same."""
    shell = Shell(tmp_path)
    try:
        for command, expected in commands(ROOT / page):
            shell.check(command, expected)
    finally:
        shell.run("ROTA_HOME=$PWD/second rota down --kill-jobs")
        shell.run("rota down --kill-jobs")


def test_the_program_in_the_readme_prints_what_it_says(tmp_path: Path) -> None:
    """The Python client works as shown."""
    (program,) = re.findall(r"```python\n(.*?)```", _read(ROOT / "README.md"), re.DOTALL)
    (expected,) = re.findall(r"#\s+(done .*)", program)
    (tmp_path / "program.py").write_text(program)
    shell = Shell(tmp_path)
    try:
        shell.run("rota up --detach")
        assert shell.run("python3 program.py") == expected + "\n"
    finally:
        shell.run("rota down --kill-jobs")


@pytest.mark.parametrize("page", [*PAGES, "docs/index.md", "examples/campaign/README.md"])
def test_links_lead_somewhere(page: str) -> None:
    """No page points at a file that is not there."""
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", _read(ROOT / page))
    missing = [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]
    assert links and not missing


def test_pages_have_commands() -> None:
    """The test above is about something."""
    for page in PAGES:
        assert len(list(commands(ROOT / page))) >= (10 if page == TWO else 15)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
