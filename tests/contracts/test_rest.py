"""REST as it is described: the document is valid, and live answers keep to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.server.running import Node, Server, until

BASE = "/api/v1"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has seen some life: jobs ended, failed, running, waiting; two nodes."""
    with Server(tmp_path_factory.mktemp("rest") / "home") as server:
        _live_a_little(server)
        yield server


def _live_a_little(server: Server) -> None:
    node = Node(server, cores=2, labels=["gen4"], resources={"scratch_gb": 10})
    done = server.submit(argv=["true"], tags=["t"], key="k", info="note")
    (a,) = node.runs(1)
    node.starts(a)
    node.say({"t": "samples", "rows": [[*a, 1000, 1, 2, 3, 4, 5]]})
    node.ends(a)
    server.until(done, "done")
    failed = server.submit(command="false")
    (b,) = node.runs(1)
    node.ends(b, code=3)
    server.until(failed, "failed")
    running = server.submit(argv=["sleep", "9"], cores=2, memory="1GB", time="1h")
    (c,) = node.runs(1)
    node.starts(c)
    node.say({"t": "progress", "a": c, "done": 1, "total": 2, "text": "1 / 2"})
    until(lambda: server.job(running)["progress"])
    server.submit(argv=["true"], array="0-99%5", after=[f"ok:{running}"])
    server.submit(argv=["true"], held=True, resources={"scratch_gb": 1})


@pytest.fixture(scope="module")
def document(lived: Server) -> dict[str, Any]:
    status, body, _ = lived.raw("GET", "/api/openapi.json")
    assert status == 200
    found: dict[str, Any] = json.loads(body)
    return found


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    """By the validator of the specification, version 3.1."""
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    """One name, one sentence, and a refusal with its shape for each."""
    rows = [op for path in document["paths"].values() for op in path.values()]
    names = [row["operationId"] for row in rows]
    assert len(set(names)) == len(names) > 20
    assert all(row["summary"].endswith((".", ":")) for row in rows)


GETS = [
    f"{BASE}",
    f"{BASE}/jobs",
    f"{BASE}/jobs?limit=2",
    f"{BASE}/tokens",
    f"{BASE}/jobs?state=done,failed&name=*&live=false",
    f"{BASE}/jobs/1",
    f"{BASE}/jobs/2",
    f"{BASE}/jobs/3",
    f"{BASE}/jobs/4",
    f"{BASE}/jobs/5",
    f"{BASE}/jobs/4/tasks?limit=7",
    f"{BASE}/jobs/4/tasks/5",
    f"{BASE}/jobs/1/history",
    f"{BASE}/jobs/1/series",
    f"{BASE}/jobs/3/why",
    f"{BASE}/jobs/4/why?task=3",
    f"{BASE}/nodes",
    f"{BASE}/users",
    f"{BASE}/accounts",
    f"{BASE}/queues",
    f"{BASE}/stat",
    "/health",
]

POSTS: list[tuple[str, dict[str, Any]]] = [
    (f"{BASE}/jobs", {"jobs": [{"argv": ["true"], "cwd": "/"}]}),
    (f"{BASE}/jobs", {"jobs": [{"argv": ["true"], "cwd": "/"}], "dry_run": True}),
    (f"{BASE}/jobs/hold", {"targets": ["4"]}),
    (f"{BASE}/jobs/release", {"targets": ["4"]}),
    (f"{BASE}/jobs/edit", {"targets": ["5"], "set": {"priority": "high"}}),
    (f"{BASE}/jobs/kill", {"targets": ["4[3]"]}),
    (f"{BASE}/jobs/rerun", {"targets": ["2"]}),
    (f"{BASE}/nodes/drain", {"nodes": ["n1"], "why": "dust"}),
    (f"{BASE}/nodes/undrain", {"nodes": ["n1"]}),
]

BAD: list[tuple[str, str, Any]] = [
    ("GET", f"{BASE}/jobs/999", None),
    ("GET", f"{BASE}/jobs/99999999999999999999999", None),
    ("GET", f"{BASE}/jobs?limit=0", None),
    ("GET", f"{BASE}/jobs?limti=3", None),
    ("GET", f"{BASE}/jobs?since=yesterday", None),
    ("GET", f"{BASE}/jobs/4/log", None),
    ("GET", f"{BASE}/jobs/4/tasks/5000", None),
    ("GET", f"{BASE}/events?level=all", None),
    ("POST", f"{BASE}/jobs", b"{"),
    ("POST", f"{BASE}/jobs", b"[" * 100_000),
    ("POST", f"{BASE}/jobs", {"jobs": []}),
    ("POST", f"{BASE}/jobs", {"jobs": [{"argv": ["x"], "memroy": "1GB"}]}),
    ("POST", f"{BASE}/jobs/hold", {"targets": ["x"]}),
    ("POST", f"{BASE}/jobs/hold", {"targest": ["1"]}),
    ("POST", f"{BASE}/jobs/hold", {"targets": ["1"]}),
    ("POST", f"{BASE}/nodes/drain", {"nodes": ["nowhere"]}),
]


@pytest.mark.parametrize("path", GETS)
def test_what_is_read_has_the_shape_described(
    lived: Server, document: dict[str, Any], path: str
) -> None:
    """Names and types, as the document says."""
    status, body, headers = lived.raw("GET", path)
    assert headers["content-type"] == "application/json"
    _check(document, method="get", path=path, status=status, body=body)
    assert status == 200


@pytest.mark.parametrize(("path", "body"), POSTS, ids=lambda v: str(v)[:50])
def test_what_is_asked_is_answered_as_described(
    lived: Server, document: dict[str, Any], path: str, body: Any
) -> None:
    """Every verb."""
    status, answer, _ = lived.raw("POST", path, body)
    assert status in (200, 201), answer
    _check(document, method="post", path=path, status=status, body=answer)


@pytest.mark.parametrize(("method", "path", "body"), BAD, ids=lambda v: str(v)[:50])
def test_g35_every_refusal_is_described_and_says_what_is_wrong(
    lived: Server, document: dict[str, Any], method: str, path: str, body: Any
) -> None:
    """With a status below 500, a sentence, and nothing changed."""
    before = lived.good("GET", "")["seq"]
    status, answer, _ = lived.raw(method, path, body)
    assert 400 <= status < 500, answer
    _check(document, method=method.lower(), path=path, status=status, body=answer)
    assert json.loads(answer)["error"]
    assert lived.good("GET", "")["seq"] == before


def test_unknown_paths_and_methods_are_refused_alike(lived: Server) -> None:
    """As JSON, like everything else."""
    for method, path, status in (
        ("GET", "/api/v1/nope", 404),
        ("DELETE", "/api/v1/jobs", 405),
    ):
        got, body, _ = lived.raw(method, path)
        assert (got, set(json.loads(body))) == (status, {"kind", "error", "complaints"})


def _check(
    document: dict[str, Any], *, method: str, path: str, status: int, body: bytes
) -> None:
    operation = document["paths"][_template(document, path)][method]
    told = operation["responses"][str(status)]
    schema = told["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    errors = list(Draft202012Validator(whole).iter_errors(json.loads(body)))
    assert not errors, errors[:3]


def _template(document: dict[str, Any], path: str) -> str:
    steps = path.partition("?")[0].split("/")
    for template in document["paths"]:
        wanted = template.split("/")
        pairs = list(zip(wanted, steps, strict=False))
        fits = [w == s or (w.startswith("{") and s.isdigit()) for w, s in pairs]
        if len(wanted) == len(steps) and all(fits):
            return str(template)
    raise AssertionError(f"{path} is not described")


FROZEN = Path(__file__).parent / "frozen_job_keys.txt"


def test_the_job_view_has_all_its_frozen_names(lived: Server) -> None:
    """Scripts hang on them: a name may be added, none may go (frozen_job_keys.txt)."""
    frozen = set(FROZEN.read_text().split())
    for view in lived.good("GET", "/jobs")["jobs"]:
        assert frozen <= set(view)
        assert view["schema"] == "rota.job/1"
