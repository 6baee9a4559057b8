"""Makes the OpenAPI document: FastAPI lists the paths, and the shapes come from the types that the routes declare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import ConfigDict, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DecimalSchema

from api.auth import SCHEME
from api.http.error_statuses import Problem, problem_types
from api.http.resource import EVENT_STREAM, NDJSON, Answer, StrictRoute
from api.live.blocks import Ending, StreamEnd
from api.openapi.headers import HEADERS, IN_PATHS, Extra
from api.permissions import Rule
from api.schemas.fields import Body

DESCRIPTION = """
Order processing on one log of events. A command is answered as soon as it is recorded; its consequences follow, and
queries show them.

**Tokens.** Requests need `Authorization: Bearer …`, but for the health checks, registering and logging in. Customers
and staff get a token from `POST /auth/token`, and `commerce token --role R --subject S` prints one. Customers see and
change only their own data; data of others is answered as if it did not exist.

**Repeats.** Where `Idempotency-Key` is required, a request that is sent again gets the first answer, and is done once.

**Trying it out.** The examples work with the starter catalogue as they are. The page at `/docs` sends a new
`Idempotency-Key` each time, unless you write one yourself, and replaces the ids of the examples by ids that exist.

**Reading your own writes.** A command answers with the header `Commerce-Position`. A query that sends it back waits up
to five seconds until it shows that command's effect; otherwise the answer is 503.

**Errors** are problem details (RFC 9457): `title` says what is wrong, `detail` what to do, `errors` which fields are
meant, and `type` is what programs recognise a problem by:
"""

TAGS = [
    {"name": "products", "description": "What can be ordered, under which name and at which price."},
    {"name": "inventory", "description": "What is in stock: `available` is `on_hand` less `reserved`."},
    {"name": "orders", "description": "Place orders, follow them, and ask for their cancellation."},
    {"name": "auth", "description": "Customers log in, stay logged in, and log out (OAuth 2); services use API keys."},
    {"name": "customers", "description": "Accounts of customers: who they are, and how they log in."},
    {"name": "staff", "description": "Members of staff: invitations, second factors, roles and sessions."},
    {"name": "shipments", "description": "Shipments, from the carrier's promise to the customer's door."},
    {"name": "reports", "description": "Figures over many orders."},
    {"name": "audit", "description": "What happened, who did it, what caused it, and how everything was at any time."},
    {
        "name": "webhooks",
        "description": "What the payment provider sends word of, signed instead of with a token; and what other systems"
        " are told of: their endpoints, and what is delivered to each.",
    },
    {"name": "operation", "description": "How the system itself is doing."},
]


class ClientNames(GenerateJsonSchema):
    """Names each shape for people who do not know our classes: `StockView` is `Stock`, and a page of it `StockPage`."""

    def normalize_name(self, name: str) -> str:
        """The name of a class, or of a page of one, as the document has it."""
        plain = name.removesuffix("]").removesuffix("View")
        of_page = plain.removeprefix("Page[")
        return super().normalize_name(plain if of_page == plain else f"{of_page}Page")

    def decimal_schema(self, schema: DecimalSchema) -> JsonSchemaValue:
        """Amounts are always written as strings."""
        return {"type": "string"}


def openapi_document(app: FastAPI) -> Extra:
    """The OpenAPI document of the application."""
    document = get_openapi(
        title=app.title, version=app.version, description=_introduction(), tags=TAGS, routes=app.routes
    )
    described = [
        (route, document["paths"][route.path][method.lower()])
        for route in app.routes
        if isinstance(route, StrictRoute) and route.include_in_schema
        for method in route.methods or ()
    ]
    for route, operation in described:
        if isinstance(route.rule, Rule):  # one of these roles is enough
            operation["security"] = [{SCHEME: [role]} for role in route.rule.roles]
    contents = [
        (answer, operation["responses"][str(answer.status)])
        for route, operation in described
        for answer in route.answers
    ]
    references, schemas = _shapes([answer for answer, _ in contents])
    for _, response in contents:
        response["content"] = {}
    for (answer, response), reference in zip(contents, references, strict=True):
        content = _described(answer.media_type, reference)
        content |= {} if answer.example is None else {"example": answer.example}
        response["content"][answer.media_type] = content
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] in ("path", "query") and parameter["required"] and parameter["name"] in IN_PATHS:
                    parameter["example"] = IN_PATHS[parameter["name"]]
    document["components"] |= {"schemas": schemas, "headers": HEADERS}
    return document


def _described(media_type: str, shape: Extra) -> Extra:
    """What is answered in a type: once, or again and again."""
    if media_type == EVENT_STREAM:
        return _stream_of(shape)
    if media_type == NDJSON:
        return {"schema": {"type": "string"}, "itemSchema": shape}
    return {"schema": shape}


def _stream_of(data: Extra) -> Extra:
    """A stream of server-sent events with such data, as OpenAPI 3.2 describes one; 3.1 has only its text.

    The last event has a type, and data of its own.
    """
    fields = {"id": {"type": "string"}, "event": {"type": "string"}, "retry": {"type": "integer"}}
    is_last = {"properties": {"event": {"enum": [each.value for each in Ending]}}, "required": ["event"]}
    last = {"$ref": f"#/components/schemas/{StreamEnd.__name__}"}
    item = {"type": "object", "properties": fields, "if": is_last, "then": _with_data(last), "else": _with_data(data)}
    return {"schema": {"type": "string"}, "itemSchema": item}


def _with_data(shape: Extra) -> Extra:
    text = {"type": "string", "contentMediaType": "application/json", "contentSchema": shape}
    return {"properties": {"data": text}}


def _introduction() -> str:
    rows = [f"| `{each.name}` | {each.status} | {each.meaning} |" for each in problem_types()]
    return "\n".join((DESCRIPTION, "| type | status | when |", "|---|---|---|", *rows, ""))


def _shapes(answers: Sequence[Answer]) -> tuple[list[Extra], dict[str, Extra]]:
    """A reference to the shape of each answer, and all shapes by name; those of requests are all kinds of `Body`."""
    bodies = [body for body in _refined(Body) if body.__module__.startswith("api.")]
    shapes = [*(answer.shape for answer in answers), Problem, StreamEnd, *bodies]
    described = ConfigDict(use_attribute_docstrings=True)
    # A tuple of one hands its configuration on to dataclasses, which have none of their own.
    adapters = [TypeAdapter(tuple[shape], config=described) for shape in shapes]  # type: ignore[valid-type]
    found, definitions = TypeAdapter.json_schemas(
        [(str(number), "validation", adapter) for number, adapter in enumerate(adapters)],
        schema_generator=ClientNames,
        ref_template="#/components/schemas/{model}",
    )
    references = [found[str(number), "validation"]["prefixItems"][0] for number in range(len(answers))]
    schemas = {name: {**schema, "title": name} for name, schema in definitions["$defs"].items()}
    for part in (part for answer in answers for part in (answer.shape, *get_args(answer.shape))):
        if isinstance(part, type):
            _describe_inherited(part, schemas)
    types = [each.name for each in problem_types()]
    names = [name.rpartition("/")[2].strip("_").replace("-", "_").upper() for name in types]
    schemas["Problem"]["properties"]["type"] |= {"enum": types, "x-enum-varnames": names}  # as generated clients do
    return references, schemas


def _describe_inherited(shape: type, schemas: dict[str, Extra]) -> None:
    """A field that a shape has from another one is described as there: only a class's own docstrings are found."""
    own = schemas.get(shape.__name__, {}).get("properties", {})
    for base in shape.__mro__[1:]:
        inherited = schemas.get(base.__name__, {}).get("properties", {})
        own |= {name: {**inherited[name], **own[name]} for name in inherited.keys() & own.keys()}


def _refined(body: type[Body]) -> Iterator[type[Body]]:
    for refined in body.__subclasses__():
        yield refined
        yield from _refined(refined)
