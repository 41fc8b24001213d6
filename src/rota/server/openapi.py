"""The OpenAPI 3.1 document, made from the table of routes and the types of ``wire.api``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_origin

import msgspec

from rota.server.route import Route, query_types
from rota.server.routes.table import ROUTES
from rota.wire import api

REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"\{(\w+):(int|str)\}")

ERRORS: Mapping[int, str] = {
    400: "The request makes no sense; every complaint is listed",
    401: "Nobody knows who is asking",
    403: "This user may not do that",
    404: "There is no such thing",
    429: "Too much at a time; Retry-After says when to come back",
    405: "The path does not know that method",
    409: "Not in its present state",
    503: "Not reachable now, or the server is stopping",
    507: "No room to promise anything new",
}
ALWAYS = (400, 401, 403, 404, 409, 429, 503)


def document(version: str) -> dict[str, Any]:
    """Return the description of the API."""
    kinds = list(_kinds())
    schemas, components = msgspec.json.schema_components(kinds, ref_template=REF)
    known = dict(zip((repr(kind) for kind in kinds), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for row in ROUTES:
        path = _PARAMETER.sub(r"{\1}", row.path)
        paths.setdefault(path, {})[row.method.lower()] = _operation(row, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rota", "version": version, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(row: Route, known: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": row.name,
        "summary": row.summary,
        "parameters": [*_in_path(row), *_in_query(row), *_in_headers(row)],
        "responses": _responses(row, known),
    }
    if not row.is_open:
        operation["security"] = [{"token": []}, {}]
        operation["x-rota-role"] = row.needs.word
    if row.takes_media is not None:
        content = {row.takes_media: {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": content}
    if row.body is not None:
        content = {"application/json": {"schema": known[repr(row.body)]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _responses(row: Route, known: Mapping[str, Any]) -> dict[str, Any]:
    schema: Any = {} if row.answer is None else known[repr(row.answer)]
    if row.media != "application/json":
        schema = {"type": "string"}
    good: dict[str, Any] = {
        "description": row.summary,
        "content": {row.media: {"schema": schema}},
    }
    if row.gives_headers:
        schema = {"schema": {"type": "string"}}
        good["headers"] = dict.fromkeys(row.gives_headers, schema)
    found = {str(row.status): good}
    for status, kind in row.other.items():
        content = {"application/json": {"schema": known[repr(kind)]}}
        found[str(status)] = {"description": "Nothing was done", "content": content}
    error = {"application/json": {"schema": known[repr(api.ErrorView)]}}
    is_told = row.is_open and row.method == "GET"
    for status in () if is_told else (*ALWAYS, *row.errors):
        found[str(status)] = {"description": ERRORS[status], "content": error}
    if is_told:
        for status in row.errors:
            found[str(status)] = {**good, "description": ERRORS[status]}
    return found


_IN_PATH: Mapping[str, Mapping[str, Any]] = {
    "int": {"type": "integer", "minimum": 0},
    "str": {"type": "string"},
}


def _in_path(row: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _IN_PATH[kind]}
        for name, kind in _PARAMETER.findall(row.path)
    ]


def _in_query(row: Route) -> list[dict[str, Any]]:
    found = []
    fields = msgspec.structs.fields(row.query) if row.query else ()
    needed = {one.encode_name for one in fields if one.required}
    for name, kind in query_types(row.query).items() if row.query else ():
        (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF)
        parameter: dict[str, Any] = {"name": name, "in": "query", "schema": schema}
        if name in needed:
            parameter["required"] = True
        if _has_list(kind):
            parameter = {**parameter, "style": "form", "explode": False}
        found.append(parameter)
    return found


def _in_headers(row: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "schema": {"type": "string"}}
        for name in (*row.takes_headers, *(["X-Rota-Why"] if row.is_action else []))
    ]


def _kinds() -> Iterable[Any]:
    yield api.ErrorView
    for row in ROUTES:
        yield from (k for k in (row.answer, row.body, *row.other.values()) if k is not None)


def _has_list(kind: Any) -> bool:
    origin = get_origin(kind)
    if hasattr(kind, "__metadata__"):
        return _has_list(kind.__origin__)
    return origin is list
