"""The wire between server and agent: frames, checks, specs, versions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.wire import agent as wire
from rota.wire import stages
from rota.wire.spec import SPEC, SPECS_KEPT, Specs, spec_complaint

REASON = {"code": "ok", "text": "ended with exit code 0"}

SAID_BY_AGENT = [
    stages.phase([12, 7, 1], phase="staging_in"),
    stages.staged(3, tree="0" * 64, files=1, bytes=2),
    stages.fed(3, at=7),
    wire.hello(name="n", instance="i", boot="b", cores=[0, 1], memory=1 << 30,
               holds=[[1, 0, 1, "running", 5], [1, 1, 1, "waiting", None]]),
    wire.started((1, 0, 1), at=5, pid=77),
    wire.suspended((1, 0, 1), at=6, on=True),
    wire.finished((1, 0, 1), started_at=5, at=9, exit_code=0, signal=None, reason=REASON,
                  usage={"cpu_s": 0.1}),
    wire.finished((1, 0, 1), started_at=None, at=9, exit_code=None, signal=9,
                  reason=REASON, usage={}),
    wire.declined((1, 0, 1), REASON),
    wire.beat(at=1, load=0.5, memory_free=1, disk_free=2),
    wire.health(None),
    wire.health(REASON),
    wire.progress((1, 0, 1), done=3, total=None, text="x"),
    wire.samples([[1, 0, 1, 2, 3, 4, 5, 6, 7]]),
    wire.data(3, offset=0, b64="", size=0, eof=True),
]  # fmt: skip


def test_what_the_agent_says_keeps_to_the_table() -> None:
    """Every constructor makes a message that its own row accepts."""
    good, complaints = wire.checked(
        wire.decode(wire.encode(SAID_BY_AGENT)), wire.FROM_AGENT
    )
    assert complaints == []
    assert [message["t"] for message in good] == [m["t"] for m in SAID_BY_AGENT]
    assert {message["t"] for message in good} == set(wire.FROM_AGENT)


RUN = {"t": "run", "alloc": 1, "job": 2, "spec_version": 1, "tasks": [[0, 1, None]]}


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"tasks": [[0, 0]]}, "tasks", "[index, attempt number, values|null]"),
        ({"alloc": -1}, "alloc", "a whole number ≥ 0, not -1"),
        ({"alloc": True}, "alloc", "not True"),
        ({"job": "12"}, "job", "not '12'"),
        ({"spec": []}, "spec", "an object"),
        ({"nodes": [["", [], []]]}, "nodes", "[host, [cores], [gpus]]"),
    ],
)
def test_a_bad_message_is_named_with_its_place(
    change: dict[str, Any], field: str, says: str
) -> None:
    """The complaint says which message, which field, what is wrong and what is right."""
    good, complaints = wire.checked([{"t": "beat"}, {**RUN, **change}], wire.FROM_SERVER)
    assert [message["t"] for message in good] == ["beat"]
    assert complaints[0].field == f"[1].run.{field}"
    assert says in complaints[0].problem


def test_a_missing_field_is_named() -> None:
    """And what it would have to be."""
    _, complaints = wire.checked([{"t": "kill", "a": [1, 0, 1]}], wire.FROM_SERVER)
    assert str(complaints[0]) == (
        "[0].kill.grace_ms: is missing; it must be a whole number ≥ 0"
    )


def test_g06_what_a_newer_server_says_is_left_aside() -> None:
    """Unknown types and keys disturb nobody."""
    frame = [{"t": "dance"}, {"t": "beat", "mood": "good"}]
    good, complaints = wire.checked(frame, wire.FROM_SERVER)
    assert (good, complaints) == ([{"t": "beat", "mood": "good"}], [])


@pytest.mark.parametrize("text", ["", "{}", "[", "null", '"x"', "[" * 100_000])
def test_what_is_no_frame(text: str) -> None:
    """It is refused as a whole, with a reason."""
    with pytest.raises(wire.BadFrame):
        wire.decode(text)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=5,
)
tables = st.sampled_from([wire.FROM_AGENT, wire.FROM_SERVER])


@given(st.data(), tables)
def test_no_message_breaks_the_check(data: st.DataObject, table: Any) -> None:
    """Whatever JSON comes, it is either good or complained about, or of a newer type."""
    kind = data.draw(st.sampled_from(sorted(table)))
    fields = st.sampled_from(sorted([*table[kind][0], *table[kind][1], "t"]))
    message = data.draw(st.dictionaries(fields, json_values)) | {"t": kind}
    good, complaints = wire.checked([message], table)
    assert len(good) + len(complaints) == 1


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=3), max_size=3))
def test_encode_and_decode_are_inverse(messages: list[dict[str, Any]]) -> None:
    """Every message comes out as it went in, whatever characters are in it."""
    assert wire.decode(wire.encode(messages).encode("utf-8", "surrogatepass")) == messages


def test_g06_the_oldest_common_version() -> None:
    """A newer other side speaks our version; a too old one is told so."""
    assert wire.common_version(wire.VERSION + 5) == wire.VERSION
    with pytest.raises(wire.BadFrame, match="speaks version 0"):
        wire.common_version(0)


def run(job: int, version: int = 1, spec: Any = None) -> dict[str, Any]:
    """Return a run message, with or without its spec."""
    message = {**RUN, "job": job, "spec_version": version}
    return message if spec is None else {**message, "spec": spec}


def test_a_spec_is_remembered_for_an_array_and_its_version() -> None:
    """The next strip of the same array and version needs none; another version does."""
    specs, spec = Specs(), {"argv": ["true"], "array": True}
    assert specs.of(run(1, spec=spec)) == spec
    assert specs.of(run(1)) == spec
    assert specs.of(run(1, version=2)) is None
    assert specs.of(run(2)) is None


def test_single_jobs_are_not_remembered() -> None:
    """A million single jobs cost the agent nothing."""
    specs = Specs()
    specs.of(run(1, spec={"argv": ["true"], "array": False}))
    assert specs.of(run(1)) is None


def test_the_least_used_spec_is_forgotten_first() -> None:
    """As many as a server may rely on are kept, by their last use."""
    specs, spec = Specs(), {"array": True}
    for job in range(SPECS_KEPT):
        specs.of(run(job, spec=spec))
    specs.of(run(0))
    specs.of(run(-1, spec=spec))
    assert specs.of(run(0)) == spec
    assert specs.of(run(1)) is None


def test_a_spec_is_checked_by_name() -> None:
    """Whatever a server sends, a bad spec is a sentence and no crash."""
    assert spec_complaint({"argv": ["true"], "later": 1}) is None
    assert (
        spec_complaint({"argv": "true"})
        == "its argv must be a list of texts or null, not 'true'"
    )
    assert spec_complaint({}) == "it says neither argv nor command nor script"


@given(st.dictionaries(st.sampled_from(sorted(SPEC)), json_values))
def test_no_spec_breaks_its_check(spec: dict[str, Any]) -> None:
    """The check of a spec says what is wrong, whatever it is."""
    complaint = spec_complaint(spec)
    assert complaint is None or complaint.startswith("it")
