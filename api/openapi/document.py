"""Completes the OpenAPI document with what the framework cannot know, or writes for programmers of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api.auth import Allow
from api.http.direct_route import DirectApi
from api.http.problems import Problem, problem_types
from api.openapi.documentation import HEADERS, IN_PATHS, POSITION, Extra
from api.openapi.field_descriptions import description_of

_MONEY = "An amount of one currency: a decimal in a string, always with exactly the currency's minor digits."


class CommerceApi(DirectApi):
    """FastAPI, whose document is written for those who use the API."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            document = super().openapi()
            _add_problems(document)
            for route in self.routes:
                if isinstance(route, APIRoute) and route.include_in_schema:
                    _name(route, document)
            document = _with_plain_names(document)
            _describe_fields(document["components"]["schemas"])
            _put_nulls_back(document)
            document["components"]["headers"] = HEADERS
            self.openapi_schema = document
        return self.openapi_schema


def _add_problems(document: Extra) -> None:
    problem = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    types = problem_types()
    problem["properties"]["type"]["enum"] = [each.name for each in types]
    document["components"]["schemas"] |= {**problem.pop("$defs", {}), "Problem": problem}
    rows = [f"| `{each.name}` | {each.status} | {each.meaning} |" for each in types]
    table = "\n".join(("| type | status | when |", "|---|---|---|", *rows))
    document["info"]["description"] += f"\n{table}\n"


def _name(route: APIRoute, document: Extra) -> None:
    """Give an operation a summary, the roles that may call it, and the headers that every answer of a kind has."""
    roles = [dependency.call.roles for dependency in route.dependant.dependencies if isinstance(dependency.call, Allow)]
    for method in route.methods or ():
        operation = document["paths"][route.path_format][method.lower()]
        if roles and method == "GET":
            _add_position(operation)
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                parameter["example"] = IN_PATHS[parameter["name"]]
        operation["summary"] = str(route.operation_id).replace("_", " ").capitalize()
        if roles:
            operation["description"] += f"\n\nRoles: {', '.join(sorted(roles[0]))}."
        for status, answer in operation["responses"].items():
            of_any = {"401": ["WWW-Authenticate"], "503": ["Retry-After"] if roles else []}.get(status, [])
            for name in ("X-Request-Id", *of_any):
                answer.setdefault("headers", {})[name] = {"$ref": f"#/components/headers/{name}"}


def _add_position(operation: Extra) -> None:
    """Every query waits for the position that it is asked to show."""
    parameters = operation.setdefault("parameters", [])
    if POSITION not in parameters:
        parameters.append(POSITION)


def _with_plain_names(document: Extra) -> Extra:
    """Name each shape by what it is of, and for people who do not know our classes."""
    schemas = document["components"]["schemas"]
    _name_choices(document, schemas)
    names = {name: _plain_name(name) for name in schemas}
    assert len(set(names.values())) == len(names), "two shapes would have one name"
    text = json.dumps(document)
    for name, plain in names.items():
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{plain}"')
    named: Extra = json.loads(text)
    found = named["components"]["schemas"]
    named["components"]["schemas"] = {plain: {**found[name], "title": plain} for name, plain in names.items()}
    return named


def _plain_name(name: str) -> str:
    status = re.fullmatch(r"commerce__\w+?__([a-z]+)__Status", name)
    if status:
        return f"{status[1].title()}Status"
    page = re.fullmatch(r"Page_(\w+)_", name)
    return f"{page[1].removesuffix('View')}Page" if page else name.removesuffix("View")


def _name_choices(document: Extra, schemas: Extra) -> None:
    """Give an answer that may have one of several shapes a name of its own: that of its operation."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                content = answer.get("content", {}).get("application/json", {})
                if content.get("schema") and "$ref" not in content["schema"]:
                    name = operation["operationId"].title().replace("_", "")
                    schemas[name] = {**content["schema"], "description": operation["summary"] + "."}
                    content["schema"] = {"$ref": f"#/components/schemas/{name}"}


def _describe_fields(schemas: Extra) -> None:
    schemas["Money"]["description"] = _MONEY
    for name, schema in schemas.items():
        if "description" in schema:
            schema["description"] = re.sub(r"\bNone\b", "null", schema["description"])
        for field, shape in schema.get("properties", {}).items():
            described = description_of(name, field)
            if described and "description" not in shape:
                shape["description"] = described


def _put_nulls_back(document: Extra) -> None:
    """The framework drops fields that are null from examples, and with them the news that they are there."""
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        for example in schema.get("examples", []) if name != "Problem" else []:
            _complete(example, schema, schemas)
    for content in _json_answers(document):
        if "example" in content:
            _complete(content["example"], content["schema"], schemas)


def _json_answers(document: Extra) -> Iterator[Extra]:
    for operations in document["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                yield from [answer["content"]["application/json"]] if "application/json" in answer["content"] else []


def _complete(example: object, schema: Extra, schemas: Extra) -> None:
    """Add what is missing in an example and may be null, all the way down."""
    for choice in schema.get("anyOf", [schema])[:1]:
        shape = schemas[choice["$ref"].rpartition("/")[2]] if "$ref" in choice else choice
        if "anyOf" in shape:
            _complete(example, shape, schemas)
        elif isinstance(example, list):
            for item in example:
                _complete(item, shape.get("items", {}), schemas)
        elif isinstance(example, dict):
            for field, inner in shape.get("properties", {}).items():
                if field in example:
                    _complete(example[field], inner, schemas)
                elif {"type": "null"} in inner.get("anyOf", []):
                    example[field] = None
