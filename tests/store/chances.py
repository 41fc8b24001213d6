"""Hypothesis strategies for all that a store keeps."""

from __future__ import annotations

from hypothesis import strategies as st

from rota.core.indexes import IndexSet
from rota.core.job import After, Array, JobSpec
from rota.core.lifecycle import State
from rota.core.reasons import Reason
from rota.core.resources import Grant, Mode, Request
from rota.engine.records import AttemptSaved, Happened, NodeSaved, TaskSaved
from tests.store.making import AT

# What every database can keep: no half of a surrogate pair, no NUL.
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)
words = st.text("abcxyz-_.0129", min_size=1, max_size=8)
counts = st.integers(0, 2**40)
times = st.integers(AT, AT + 10**9)
numbers = st.integers(-(2**62), 2**62)
maybe_time = st.none() | times
flat_json = st.none() | st.booleans() | numbers | texts
measures = st.floats(allow_nan=False, allow_infinity=False)
evidence = st.dictionaries(words, flat_json, max_size=3)
reasons = st.builds(Reason, words, texts, evidence)
maybe_reason = st.none() | reasons
states = st.sampled_from([*State, *(state.value for state in State)])
amounts = st.dictionaries(words, counts, max_size=3).map(lambda d: tuple(sorted(d.items())))
ids_of_things = st.lists(st.integers(0, 512), max_size=4).map(tuple)
some_words = st.lists(words, max_size=3, unique=True).map(tuple)

grants = st.builds(
    Grant, words, cores=ids_of_things, memory=counts, gpus=ids_of_things, resources=amounts
)
requests = st.builds(
    Request, cores=st.integers(1, 99), memory=counts, gpus=st.integers(0, 9),
    resources=amounts, licences=amounts, time_ms=st.none() | counts,
    mode=st.sampled_from(Mode), n=st.integers(1, 9), host=st.none() | words,
    group=some_words, not_group=some_words, require=some_words, exclusive=st.booleans(),
)  # fmt: skip
dependencies = st.builds(
    After, st.sampled_from(["ok", "any"]), st.integers(1, 99), st.booleans()
)


@st.composite
def arrays(draw: st.DrawFn) -> Array:
    """Arrays of a few ranges, some with named values."""
    pairs = draw(
        st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), min_size=1, max_size=4)
    )
    indexes = IndexSet([a, a + length] for a, length in pairs)
    row = st.lists(texts, min_size=len(indexes), max_size=len(indexes)).map(tuple)
    values = draw(st.dictionaries(words, row, max_size=2))
    return Array(indexes, draw(st.none() | st.integers(1, 9)), values)


_runs = st.one_of(
    st.fixed_dictionaries({"argv": st.lists(texts, min_size=1, max_size=4).map(tuple)}),
    st.fixed_dictionaries({"command": texts}),
    st.fixed_dictionaries({"script": texts}),
)
_rest = st.fixed_dictionaries(
    {},
    optional={
        "name": texts, "cwd": texts, "env": st.dictionaries(texts, texts, max_size=4),
        "setup": texts, "shell": texts, "stdin": texts, "output": texts, "error": texts,
        "request": requests, "queue": words, "account": words,
        "priority": st.integers(-1000, 1000), "begin_at": times,
        "after": st.lists(dependencies, max_size=3).map(tuple), "array": arrays(),
        "max_fails": counts, "retries": st.dictionaries(words, counts, max_size=3),
        "retry_delay_ms": counts, "restartable": st.booleans(),
        "success_codes": st.lists(st.integers(0, 255), max_size=3).map(tuple),
        "grace_ms": counts, "warn_signal": words, "warn_ms": counts, "progress": texts,
        "held": st.booleans(), "tags": some_words, "info": texts, "key": words,
    },
)  # fmt: skip
specs = st.builds(lambda runs, rest: JobSpec(**runs, **rest), _runs, _rest)

task_rows = st.builds(
    TaskSaved, st.just(1), st.integers(0, 10**9), states, st.integers(0, 9), maybe_reason,
    st.dictionaries(words, counts, max_size=3), counts, maybe_time, maybe_time, maybe_time,
    st.none() | st.integers(0, 255), st.none() | st.integers(1, 64),
)  # fmt: skip
attempt_rows = st.builds(
    AttemptSaved, st.just(1), st.integers(0, 10**9), st.integers(1, 9), words, counts,
    st.lists(grants, max_size=3).map(tuple), times, maybe_time, maybe_time,
    st.none() | st.integers(0, 255), st.none() | st.integers(1, 64), maybe_reason,
    st.dictionaries(words, flat_json | measures, max_size=4), maybe_reason,
)  # fmt: skip
node_rows = st.builds(
    NodeSaved, words, words, ids_of_things, counts, ids_of_things,
    st.dictionaries(words, counts, max_size=3), some_words, times, maybe_reason,
    some_words, st.none() | words,
)  # fmt: skip
history_rows = st.builds(
    Happened, times, st.just(1), st.none() | st.integers(0, 10**9),
    st.none() | st.integers(1, 9), words, st.none() | states, states, maybe_reason, words,
)  # fmt: skip
