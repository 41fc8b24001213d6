"""The REST shapes: they round-trip, and unknown keys of a body are refused.

About rota.wire.api.asking, rota.wire.api.tokens, rota.wire.api.views and
rota.wire.api.words.
"""

from __future__ import annotations

import inspect

import msgspec
import pytest

from rota.wire import api

SHAPES = [
    kind
    for _, kind in inspect.getmembers(api, inspect.isclass)
    if issubclass(kind, msgspec.Struct)
]
BODIES = [kind for kind in SHAPES if issubclass(kind, api.Body)]


@pytest.mark.parametrize("kind", SHAPES, ids=lambda kind: kind.__name__)
def test_every_shape_has_a_schema_and_a_sentence(kind: type[msgspec.Struct]) -> None:
    """The document is made from them."""
    (schema,), _ = msgspec.json.schema_components([kind])
    assert schema
    assert kind.__doc__


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_no_body_takes_an_unknown_key(kind: type[api.Body]) -> None:
    """A mistyped option is never silently left out (G35)."""
    with pytest.raises(msgspec.ValidationError, match=r"unknown field|missing required"):
        msgspec.convert({"no such key": 1}, kind)
    assert kind.__struct_config__.forbid_unknown_fields


def test_defaults_are_those_of_the_verb() -> None:
    """Kill is patient as the job says, and does not wait unless asked."""
    body = msgspec.json.decode(b'{"targets": ["12", "12[7]"]}', type=api.KillBody)
    assert (body.targets, body.grace_ms, body.wait) == (["12", "12[7]"], None, False)
