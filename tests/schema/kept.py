"""Keeps a stored payload of every version of every event, with a fingerprint of its shape; `make events` adds
what is missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commerce.eventstore import Event
from commerce.eventstore.codec.mapper import MAPPER

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Kept:
    """A payload as the log holds it, and the fingerprint of the shape that it had."""

    topic: str
    class_version: int
    fingerprint: str
    payload: dict[str, Any]

    @property
    def state(self) -> bytes:
        """The payload as it is stored: UTF-8 JSON."""
        return json.dumps(self.payload, ensure_ascii=False, separators=(",", ":")).encode()


def path_of(topic: str, class_version: int, folder: Path = FOLDER) -> Path:
    """Where the payload of one version of an event is kept."""
    return folder / f"{topic}.v{class_version}.json"


def read_kept(path: Path) -> Kept:
    """One file."""
    topic, _, version = path.stem.rpartition(".v")
    return Kept(topic, int(version), **json.loads(path.read_text()))


def keep(event: Event, folder: Path = FOLDER) -> Path:
    """Keep an event as the payload of its version. Raises `FileExistsError` where there is one: it has to stay as
    it is."""
    path = path_of(event.TOPIC, event.class_version, folder)
    content = {"fingerprint": fingerprint(type(event)), "payload": json.loads(MAPPER.to_stored_event(event).state)}
    with path.open("x") as file:
        file.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return path


def fingerprint(kind: type[Event]) -> str:
    """A hash of an event's shape, nested values included: names, docstrings and the order of fields are no part
    of it."""
    schema = kind.model_json_schema()
    for name in ("originator_id", "originator_version"):  # what is stored always has a place
        del schema["properties"][name]["default"]
    schema["required"] = ["originator_id", "originator_version", *schema.get("required", [])]
    shape = _shape(schema, schema.get("$defs", {}))
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]


def _shape(schema: Any, nested: Mapping[str, Any]) -> Any:
    """A JSON schema with what it refers to in place, and without what is only said about it."""
    if isinstance(schema, list):
        return [_shape(each, nested) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _shape(nested[schema["$ref"].rpartition("/")[2]], nested)
    shape = {name: part for name, part in schema.items() if name not in ("title", "description", "$defs", "properties")}
    shape = {name: sorted(part) if name == "required" else _shape(part, nested) for name, part in shape.items()}
    fields = {name: _shape(field, nested) for name, field in schema.get("properties", {}).items()}
    return shape | ({"fields": fields} if fields else {})
