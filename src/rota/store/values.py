"""Rows → values: what the text and the digests in a row stand for.

Equal texts become one object: a million jobs that ask for the same hold one ``JobSpec``,
one environment, one ``Request``.  What comes out is shared, so it is to be read only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import msgspec

from rota.core.errors import Broken
from rota.core.job import Array, JobSpec
from rota.core.plain import request_from_plain, spec_from_plain
from rota.core.reasons import Reason
from rota.core.resources import Grant, Request
from rota.store.database import Database

Fetch = Callable[[bytes], str]
"""Returns the body of the content with that digest."""

SpecRow = tuple[str, str, bytes | None, bytes | None, bytes | None]
"""(request, spec, env, array_values, script), as the columns of a job say it."""

ArrayValues = Mapping[str, tuple[str, ...]]

T = TypeVar("T")

_decode = msgspec.json.Decoder().decode
_ranges = msgspec.json.Decoder(tuple[tuple[int, ...], ...]).decode
_reason = msgspec.json.Decoder(Reason).decode
grants_of = msgspec.json.Decoder(tuple[Grant, ...]).decode


class Kept(dict[Any, T]):
    """Remembers what was made of a text; when it holds too many, it begins anew."""

    def __init__(self, make: Callable[[Any], T], most: int) -> None:
        super().__init__()
        self._make, self._most = make, most

    def __missing__(self, key: Any) -> T:
        if len(self) >= self._most:
            self.clear()
        made = self[key] = self._make(key)
        return made


class Values:
    """Makes values of one reader's rows; *fetch* gets the bodies of contents.

    lazy: array values are fetched when looked at, for readers that show many arrays
    """

    def __init__(self, fetch: Fetch, *, lazy: bool = False) -> None:
        self._fetch, self._lazy = fetch, lazy
        self.requests: Kept[Request] = Kept(lambda s: request_from_plain(_decode(s)), 4096)
        self._contents: Kept[Any] = Kept(lambda digest: _decode(fetch(digest)), 1024)
        self._arrays: Kept[ArrayValues] = Kept(self._array_values, 4)
        self.specs: Kept[JobSpec] = Kept(self._spec, 1024)
        self.ranges: Kept[tuple[tuple[int, ...], ...]] = Kept(_ranges, 1024)
        self.counts: Kept[Mapping[str, int]] = Kept(
            lambda text: MappingProxyType(_decode(text)), 1024
        )
        self.reasons: Kept[Reason | None] = Kept(reason_of, 1024)
        self.grants: Kept[tuple[Grant, ...]] = Kept(grants_of, 1024)

    def _spec(self, row: SpecRow) -> JobSpec:
        request, text, env, values, script = row
        plain = _decode(text)
        if env is not None:
            plain["env"] = self._contents[env]
        if script is not None:
            plain["script"] = self._contents[script]
        if values is not None and not self._lazy:
            plain["array"]["values"] = self._contents[values]
        spec = _spec_of(plain)
        # Nobody else has seen this spec yet: its shared parts are put in once, here.
        _PUT["request"](spec, self.requests[request])
        if values is not None and self._lazy and spec.array is not None:
            late = LateValues(lambda: self._arrays[values])
            _PUT["array"](spec, Array(spec.array.indexes, spec.array.limit, late))
        return spec

    def _array_values(self, digest: bytes) -> ArrayValues:
        named = _decode(self._fetch(digest))
        return {name: tuple(row) for name, row in named.items()}


class Source(NamedTuple):
    """What a question is answered from: rows of one instant, and how they are read."""

    db: Database
    values: Values


# How each field of a spec is put in place, and what they are when nothing is said.
_PUT = {field.name: JobSpec.__dict__[field.name].__set__ for field in fields(JobSpec)}
_SILENT = tuple(
    (_PUT[field.name], getattr(JobSpec(), field.name)) for field in fields(JobSpec)
)


def _spec_of(plain: dict[str, Any]) -> JobSpec:
    """Do what ``spec_from_plain`` does, three times as fast for jobs without an array.

    A million jobs come back at a start, and the ``__init__`` of a frozen class with so many
    fields is most of what one of them costs.
    """
    if "array" in plain or "after" in plain or "remedies" in plain:
        return spec_from_plain(plain)
    spec = JobSpec.__new__(JobSpec)
    for put, silent in _SILENT:
        put(spec, silent)
    for name, value in plain.items():
        _PUT[name](spec, tuple(value) if type(value) is list else value)
    return spec


class LateValues(Mapping[str, tuple[str, ...]]):
    """The named values of an array, fetched from the store when somebody looks.

    Listing a page of arrays must not read millions of words that nobody asked for.
    """

    __slots__ = ("_fetch",)

    def __init__(self, fetch: Callable[[], ArrayValues]) -> None:
        self._fetch = fetch

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self._fetch()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fetch())

    def __len__(self) -> int:
        return len(self._fetch())


def reason_of(text: str | None) -> Reason | None:
    """Return the Reason that a column says, or None."""
    return None if text is None else _reason(text)


def mapping_of(text: str) -> dict[str, Any]:
    """Return a fresh dict of what a column says."""
    return _decode(text)  # type: ignore[no-any-return]


def tuple_of(text: str) -> tuple[Any, ...]:
    """Return the list that a column says."""
    return tuple(_decode(text))


def content(db: Database, digest: bytes) -> str:
    """Return the body of a content.

    Raises:
        Broken: it is not there, although a row names it.
    """
    row = db.execute("SELECT body FROM content WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        raise Broken(f"the content {digest.hex()} that a job names is not in the database")
    return str(row[0])
