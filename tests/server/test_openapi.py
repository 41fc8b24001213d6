"""The document is made from the table: nothing served is missing from it."""

from __future__ import annotations

from rota.server.openapi import document
from rota.server.routes.table import ROUTES


def test_every_route_is_described() -> None:
    """Each with its own name; parameters and body as its types say."""
    told = document("1.2.3")
    assert told["info"]["version"] == "1.2.3"
    count = sum(len(path) for path in told["paths"].values())
    assert count == len(ROUTES)
    jobs = told["paths"]["/api/v1/jobs"]
    names = {parameter["name"] for parameter in jobs["get"]["parameters"]}
    assert {"state", "limit", "cursor", "since", "failed"} <= names
    assert jobs["post"]["requestBody"]["required"]
    assert jobs["post"]["parameters"][0]["name"] == "Idempotency-Key"


def test_limits_stand_in_the_document() -> None:
    """A client can know them beforehand."""
    told = document("1")["paths"]["/api/v1/jobs"]["get"]["parameters"]
    limit = next(p["schema"] for p in told if p["name"] == "limit")
    assert (limit["minimum"], limit["maximum"]) == (1, 1000)
