"""The forms that rows share: what they let through, and what they do not."""

from __future__ import annotations

import pytest

from rota.core.fields import FIELDS, forms
from rota.core.fields.kinds import Kind
from rota.core.reasons import ENDED, REASONS


def fits(kind: Kind, value: object) -> bool:
    """Return whether *kind* has nothing to say about *value*."""
    said: list[str] = []
    kind.read(value, lambda problem, remedy="", at="": said.append(problem))
    return not said


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("queue", ["default", "a-b.c_d", "long+1"], ["", "a b", "-x", "x" * 65, "a\n"]),
        ("shell", ["/bin/sh"], ["sh", "/", "/bin/\n", "./sh"]),
        ("group", ["gen4", ["a", "b:c/d=1"]], ["a b", [], ["a", ""], "!a"]),
        ("require", ["gpu & (a | b)", ["a", "!b"]], ["", "a;b", "a$b"]),
        ("env", [{"A": "x", "a.b": "", "B%%": "1"}], [{"": "x"}, {"A=B": "x"}, {"A\0": "x"},
                 {"ROTA_X": "1"}, {"A": None}, ["A=1"]]),
        ("env_policy", ["none", "all", ["PATH"]], ["some", [], ["ROTA_HOME"], True]),
        ("array", ["0-9", "1,2, 3-4%5", "%5", "0-9:2"], ["", "%", "1;2", "-1", "1%0", 7]),
        ("vectors", [{"x": [1, "a"]}, {"x": {"start": 1, "step": -0.5}}],
         [{"task": [1]}, {"item": [1]}, {"1x": [1]}, {"x": []}, {"x": {"step": 1}},
          {"x": "a"}, {"x": {"start": 1, "count": 0}}, {"x": {"start": "1"}}]),
        ("after", ["12", 12, "ok:1, any:13[*]", "12[7]", "ok:my job", ["start:a", 3]],
         ["", "ok:", "bad:12", "ok:12[x]", 0, "ok:1:2", "ok:012", [""]]),
        ("begin", ["none", "now", "now+2h", "now + 90s", "2026-05-01", "2026-05-01 18:00",
                   "2026-05-01T18:00:00.5+02:00", "2026-05-01T16:00Z"],
         ["", "tomorrow", "18:00", "2026-5-1", "now+2", "now-1h", "2026-05-01T18"]),
        ("retries", [3, 0, {"oom": 1, "any": 2}, {}], [-1, "3", {"lost": 1}, {"oom": -1}]),
        ("max_fails", [1, "none"], [0, "all", 1.5]),
        ("priority", [-1000, 1000, "low", "block"], [1001, -1001, "blok", "5", 0.5]),
        ("warn_signal", ["USR1", "SIGUSR1"], ["KILL", "usr1", 10]),
        ("success_codes", [0, [0, 255]], [256, -1, [], ["0"]]),
        ("resources", [{"scratch": 3}], [{"scratch": 0}, {"a b": 1}, {"a": 1.5}, ["a"]]),
        ("argv", [["sleep", 10, ""], ["a", 0.5]], ["sleep 10", [], [None], [["a"]]]),
        ("items", [["a", 1]], [[], [""], "a", [None]]),
        ("time", ["1h", "none", "00:10:00"], ["0s", 60, "10:00", "None"]),
        ("grace", ["0s", "1m"], ["none", 5]),
        ("name", ["fit {task}", "é☃"], ["", "a\nb", "a\x1b[0m", "a\u202eb", "x" * 201, 5]),
        ("info", ["two\nlines\tok", "x" * 10_000], ["a\0b", "x" * 10_001, ""]),
        ("held", [True, False], ["yes", 1, None]),
    ],
)  # fmt: skip
def test_a_key_takes_these_and_not_those(
    key: str, right: list[object], wrong: list[object]
) -> None:
    """The edges of each form, one by one."""
    kind = FIELDS[key].kind

    assert [value for value in right if not fits(kind, value)] == []
    assert [value for value in wrong if fits(kind, value)] == []


def test_words_for_priority_are_numbers() -> None:
    """Low, med and high stand for what the docs say."""
    words = {word: FIELDS["priority"].kind.read(word, print) for word in ("low", "high")}

    assert words == {"low": -500, "high": 500}


def test_every_cause_of_retries_is_a_reason_why_tasks_end() -> None:
    """The mind asks for retries by the reason's code."""
    causes = set(forms.CAUSES) - {"any"}

    assert all(REASONS[cause].kind == ENDED for cause in causes)


def test_no_vector_takes_a_name_that_means_something_else() -> None:
    """{task} and the like are filled in by the agent."""
    for name in ("job", "task", "attempt", "name", "item"):
        assert not forms.VECTOR.fits(name)
    assert forms.VECTOR.fits("tasks")
