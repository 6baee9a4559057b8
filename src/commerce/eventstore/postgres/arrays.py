"""Columns of values as PostgreSQL's binary arrays, made at once.

psycopg can adapt any value, and looks at each by itself for that: half of Python's work for a small append.

The format is that of PostgreSQL's `array_recv`: dimensions, whether there are nulls, and the elements' type; the length
and first index of the dimension; then each element behind its length in bytes, which is -1 for a null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from struct import Struct, error
from typing import ClassVar, Self
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types import TypeInfo

_HEADER = Struct("!iiIii").pack
_EMPTY = Struct("!iiI").pack
_LENGTH = Struct("!i").pack
_INTEGER = Struct("!ii").pack
_BIGINT = Struct("!iq").pack
_BOOLEAN = Struct("!i?").pack
_NULL = _LENGTH(-1)
_UUID_LENGTH = _LENGTH(16)


class Array(bytes):
    """An array, ready to be sent as a parameter of that type."""

    ELEMENT: ClassVar[TypeInfo]

    @classmethod
    def of(cls, elements: Sequence[bytes]) -> Self:
        """An array of elements that have their lengths before them."""
        if not elements:
            return cls.empty()
        return cls(_HEADER(1, 1, cls.ELEMENT.oid, len(elements), 1) + b"".join(elements))

    @classmethod
    @cache
    def empty(cls) -> Self:
        """The array without elements."""
        return cls(_EMPTY(0, 0, cls.ELEMENT.oid))


class _Integers(Array):
    ELEMENT = psycopg.adapters.types["int4"]


class _Bigints(Array):
    ELEMENT = psycopg.adapters.types["int8"]


class _Booleans(Array):
    ELEMENT = psycopg.adapters.types["bool"]


class _Uuids(Array):
    ELEMENT = psycopg.adapters.types["uuid"]


class _Texts(Array):
    ELEMENT = psycopg.adapters.types["text"]


class _Byteas(Array):
    ELEMENT = psycopg.adapters.types["bytea"]


def integers(values: Sequence[int]) -> Array:
    """An `int4[]`. Raises `ValueError` for what is too large."""
    return _Integers.of(_numbers(_INTEGER, 4, values))


def bigints(values: Sequence[int | None]) -> Array:
    """An `int8[]`. Raises `ValueError` for what is too large."""
    return _Bigints.of(_numbers(_BIGINT, 8, values))


def booleans(values: Sequence[bool]) -> Array:
    """A `bool[]`."""
    return _Booleans.of([_BOOLEAN(1, value) for value in values])


def uuids(values: Sequence[UUID | None]) -> Array:
    """A `uuid[]`."""
    return _Uuids.of([_NULL if value is None else _UUID_LENGTH + value.bytes for value in values])


def texts(values: Sequence[str]) -> Array:
    """A `text[]`. Raises `UnicodeEncodeError` for lone surrogates; PostgreSQL rejects NUL characters."""
    return _Texts.of([_sized(value.encode()) for value in values])


def byteas(values: Sequence[bytes]) -> Array:
    """A `bytea[]`."""
    return _Byteas.of([_sized(value) for value in values])


def _numbers(pack: Callable[[int, int], bytes], size: int, values: Sequence[int | None]) -> list[bytes]:
    try:
        return [_NULL if value is None else pack(size, value) for value in values]
    except error as reason:
        raise ValueError(f"a number is too large: {reason}") from None


def _sized(element: bytes) -> bytes:
    return _LENGTH(len(element)) + element


class _ArrayDumper(Dumper):
    """Sends an array as it is."""

    format = Format.BINARY

    def dump(self, obj: Array) -> bytes:
        """The array itself."""
        return obj


for _kind in (_Integers, _Bigints, _Booleans, _Uuids, _Texts, _Byteas):
    _dumper = type(f"{_kind.__name__}Dumper", (_ArrayDumper,), {"oid": _kind.ELEMENT.array_oid})
    psycopg.adapters.register_dumper(_kind, _dumper)
