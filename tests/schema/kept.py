"""Keeps a stored payload of every version of every event, with a fingerprint of its shape, and a fingerprint of the
rows of every version of each read model; `make events` adds what is missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from commerce.eventstore import Event
from commerce.eventstore.codec.mapper import MAPPER
from projections.engine.projection import Projection

FOLDER = Path(__file__).parent
ROWS = FOLDER / "rows.json"


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
    return _hash(_shape(schema, schema.get("$defs", {})))


def row_fingerprint(projection: Projection[Any]) -> str:
    """A hash of a read model's table and of its rows as they are stored, nested values included."""
    schema = TypeAdapter(projection.row).json_schema(mode="serialization")
    return _hash([" ".join(projection.ddl.split()), _shape(schema, schema.get("$defs", {}))])


def read_rows() -> dict[str, str]:
    """The fingerprint that the rows of each version of each read model had, such as `orders.v2`."""
    found: dict[str, str] = json.loads(ROWS.read_text())
    return found


def keep_rows(projections: Iterable[Projection[Any]]) -> list[str]:
    """Keep the fingerprints of versions that have none yet; answers which."""
    kept = read_rows()
    found = {f"{one.name}.v{one.version}": row_fingerprint(one) for one in projections}
    ROWS.write_text(json.dumps(dict(sorted((found | kept).items())), indent=2) + "\n")
    return sorted(found.keys() - kept.keys())


def _hash(shape: object) -> str:
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
