"""No action of the console, and no field that takes any text, is forgotten where a browser tries them all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from api.permissions import CONSOLE_PAGES
from tests.browser.canaries import ATTACKS, COVERED_ELSEWHERE, NOT_KEPT, WRITTEN
from tests.browser.console_actions import ACTIONS

DOCUMENT = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())


def test_every_action_of_the_console_is_done_once_in_a_browser() -> None:
    assert set(ACTIONS) == {row for row in CONSOLE_PAGES if row.startswith("POST ")}, (
        "give each action a row in tests/browser/console_actions.py"
    )


def test_every_field_that_takes_markup_has_a_canary() -> None:
    written = {f"{one.row} {field}" for one in WRITTEN for field in one.fields}
    takers = {
        f"{method.upper()} {path.removeprefix('/api/v1')} {field}"
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for field, schema in _texts(content["schema"], "")
        if _takes_markup(schema)
    }
    kept = {taker for taker in takers if taker.rpartition(" ")[2].rpartition(".")[2] not in NOT_KEPT}
    assert kept - written - set(COVERED_ELSEWHERE) == set(), "give each a canary in tests/browser/canaries.py"
    assert set(COVERED_ELSEWHERE) - takers == set()


def _takes_markup(schema: Mapping[str, Any]) -> bool:
    pattern, most = schema.get("pattern", ""), schema.get("maxLength", 10_000)
    return any(len(attack) <= most and re.search(pattern, attack) for attack in ATTACKS)


def _texts(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The fields of a body that are texts of no fixed choice."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for word in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(word, ()):
            yield from _texts(one, path)
    if schema.get("type") == "string" and not {"format", "enum", "const"} & set(schema):
        yield path, schema
    for name, one in schema.get("properties", {}).items():
        yield from _texts(one, f"{path}.{name}" if path else name)
    if "items" in schema:
        yield from _texts(schema["items"], f"{path}[]")
