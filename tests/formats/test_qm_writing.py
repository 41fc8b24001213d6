"""Documents as info files of QM."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rota.formats.qm import read
from rota.formats.qm_writing import write

LINE = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1)


@given(
    command=LINE, cores=st.integers(1, 999), priority=st.integers(-1000, 1000),
    info=st.text("ab1 %=:", max_size=20),
)  # fmt: skip
def test_what_is_written_is_read_again(
    command: str, cores: int, priority: int, info: str
) -> None:
    """As the same job; placeholders are the shell's business."""
    command = command.replace("{", "")
    doc = {"command": command, "cores": cores, "priority": priority, "info": info}
    text, lost = write(doc)
    found = read(text).doc
    assert not lost and found["command"].strip() == command.strip()
    assert (found["cores"], found.get("priority", 0)) == (cores, priority)
    assert found.get("info", "") == " ".join(info.split())


def test_several_lines_become_a_script() -> None:
    """With #QM lines, those that were there before replaced."""
    script = "#!/bin/bash\n#QM nb_proc : 9\necho a\n"
    text, lost = write({"script": script, "cores": 2, "retries": 3, "tags": ["ann@x.org"]})
    assert text == (
        "#!/bin/bash\n#QM nb_proc : 2\n#QM e_mail : ann@x.org\necho a\n"
    ) and lost == [("", "retries", "QM has no word for it")]
    found = read(text).doc
    assert found["cores"] == 2 and found["tags"] == ["ann@x.org"]
    assert read(write({"command": "a\nb"})[0]).doc["script"].endswith("a\nb\n")
