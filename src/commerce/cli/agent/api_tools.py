"""The tools that an agent gets: the queries of the API's document which its role may ask, and nothing that changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mcp_types import Tool, ToolAnnotations

from commerce.runtime.tokens import Role

Document = Mapping[str, Any]

_TAGS = frozenset({"orders", "shipments", "inventory", "products", "reports", "audit", "operation"})
"""What agents are for: what happened and why, and how the system does. Accounts and secrets are not among it."""
_JSON = "application/json"
_OF_HTTP = frozenset({"Commerce-Position", "If-None-Match"})
"""Headers that are no question."""


@dataclass(frozen=True, slots=True)
class ApiTool:
    """A query of the API as a tool."""

    tool: Tool
    path: str
    in_path: frozenset[str]
    """The arguments that stand in the path; the others are its query's."""

    def address(self, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The path, and its query, for arguments. Raises `KeyError` for one that is missing in the path."""
        path = self.path
        for name in self.in_path:
            path = path.replace(f"{{{name}}}", quote(str(arguments[name]), safe=""))
        query = {name: value for name, value in arguments.items() if name not in self.in_path and value is not None}
        return path, query


def tools_of(document: Document, role: Role) -> dict[str, ApiTool]:
    """The tools of a role, by their names, from the API's OpenAPI document."""
    found = (_tool(document, path, operation) for path, operation in _queries(document, role))
    return {one.tool.name: one for one in found}


def _queries(document: Document, role: Role) -> Iterator[tuple[str, Document]]:
    for path, methods in document["paths"].items():
        operation = methods.get("get")
        if operation is None or not _TAGS.intersection(operation.get("tags", ())):
            continue
        roles = {name for one in operation.get("security", ()) for names in one.values() for name in names}
        if role in roles and _JSON in operation["responses"]["200"]["content"]:
            yield path, operation


def _tool(document: Document, path: str, operation: Document) -> ApiTool:
    parameters = [_resolved(document, each) for each in operation.get("parameters", ())]
    asked = [one for one in parameters if one["name"] not in _OF_HTTP and one["in"] in ("path", "query")]
    properties = {one["name"]: _property(document, one) for one in asked}
    schema = {
        "type": "object",
        "properties": properties,
        "required": [one["name"] for one in asked if one.get("required")],
        "additionalProperties": False,
    }
    tool = Tool(
        name=operation["operationId"],
        title=operation["summary"],
        description=operation.get("description"),
        input_schema=schema,
        annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
    )
    return ApiTool(tool, path, frozenset(one["name"] for one in asked if one["in"] == "path"))


def _property(document: Document, parameter: Document) -> Document:
    schema: dict[str, Any] = _resolved(document, parameter["schema"])
    described = {"description": parameter["description"]} if "description" in parameter else {}
    return schema | described


def _resolved(document: Document, value: Any) -> Any:
    """A part of the document with what it refers to in its place."""
    match value:
        case {"$ref": str(reference)}:
            place: Any = document
            for name in reference.removeprefix("#/").split("/"):
                place = place[name]
            return _resolved(document, place)
        case dict():
            return {name: _resolved(document, each) for name, each in value.items()}
        case list():
            return [_resolved(document, each) for each in value]
        case _:
            return value
