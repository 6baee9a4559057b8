"""Answers of the API as its document has them, for tests that take the API's place."""

from __future__ import annotations

from functools import cache
from typing import Any

from commerce.cli.demo.scenarios import CURRENCY
from tests.pages.api_document import frozen_document


@cache
def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = frozen_document()["components"]["schemas"]
    return found


def example(shape: str, **said: object) -> dict[str, object]:
    """An answer of this shape: the document's example, or one with every field it must have, and what is said here."""
    schema = _schemas()[shape]
    whole = schema["examples"][0] if "examples" in schema else _required(schema)
    return {**whole, **said}


def money(amount: str) -> dict[str, object]:
    """Money as JSON has it."""
    return {"amount": amount, "currency": CURRENCY}


def _required(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(schema["properties"][name]) for name in schema["required"]}


def _value(of: dict[str, Any]) -> object:
    """Some value that a property may have; null where it may be."""
    if "anyOf" in of:
        return None if {"type": "null"} in of["anyOf"] else _value(of["anyOf"][0])
    if "$ref" in of:
        shape = of["$ref"].rpartition("/")[2]
        return example(shape) if _schemas()[shape].get("type") == "object" else _value(_schemas()[shape])
    if "enum" in of:
        return of["enum"][0]
    if of.get("format") == "uuid":
        return "00000000-0000-0000-0000-000000000006"
    if of.get("format") == "date-time":
        return "2026-11-23T14:00:00Z"
    return {"string": "text", "integer": 1, "boolean": False, "array": [], "number": 1.5}[of["type"]]
