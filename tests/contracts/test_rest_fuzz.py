"""The REST API, fuzzed from its own document: whatever is sent, it is answered as it says.

    document ──▶ each operation ──▶ requests that fit it, and that do not ──▶ the answer:
                                    never 5xx, its status and shape those of the document

Made by schemathesis (docs/adr/0068-the-api-is-fuzzed-by-schemathesis.md).  What never ends
by itself, and what would start programs, is left out by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rota.server.openapi import document
from tests.server.running import Server

LEFT_OUT = {"stream_events", "add_pool", "set_pool", "replay_history", "copy_store"}
"""A stream, programs of pools, a simulation, and a file as large as the store."""

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
PAIRS = {"lacking_blobs", "list_ranges"}
"""Their answers hold arrays of prefixItems, which schemathesis takes for another draft's;
``test_rest`` holds them to the document."""

EXAMPLES = 6
SCHEMA = schemathesis.openapi.from_dict(document("fuzz"))
OPERATIONS = {
    found.ok().definition.raw["operationId"]: found.ok()
    for found in SCHEMA.get_all_operations()
}


@pytest.fixture(scope="module")
def aim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is shot at, with a job or two."""
    with Server(tmp_path_factory.mktemp("fuzz") / "home") as server:
        server.submit(held=True)
        server.submit(held=True, array="0-9")
        yield server
        assert server.call("GET", "/jobs")[0] == 200
        assert "Traceback" not in server.log()


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - LEFT_OUT))
def test_g35_whatever_is_sent_is_answered_as_the_document_says(
    aim: Server, name: str
) -> None:
    """What fits the document and what does not, by the same checks."""
    headers = {"Authorization": f"Bearer {(aim.home / 'token').read_text().strip()}"}
    cases = st.one_of(
        OPERATIONS[name].as_strategy(generation_mode=mode) for mode in GenerationMode
    )

    checks = [*CHECKS, *([] if name in PAIRS else [response_schema_conformance])]

    @seed(9)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases)
    def shoot(case: Any) -> None:
        if isinstance(case.query, dict):
            case.query.pop("follow", None)
        case.call_and_validate(
            base_url=aim.facts()["tcp"], headers=headers, checks=checks, timeout=20
        )

    shoot()


def test_it_left_out_only_what_there_is() -> None:
    """A name that is no operation any more hides nothing."""
    assert OPERATIONS.keys() > LEFT_OUT | PAIRS
