"""How lines of an import are sent and answered, and what an export is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BeforeValidator, Field
from pydantic.config import JsonDict
from pydantic_core import to_json

from api.http.error_statuses import Problem
from api.http.resource import NDJSON, Answer
from api.schemas.audit import ITEM
from api.schemas.orders import EXAMPLE_ORDER
from api.schemas.parameters import whole

_LINES: tuple[JsonDict, ...] = (
    {"line": 1, "status": 200, "sku": "TEA-ASSAM-250", "version": 1, "position": 43},
    {
        "line": 2,
        "status": 422,
        "problem": {
            "type": "/docs/problems/invalid-input",
            "title": "The values cannot be accepted",
            "status": 422,
            "detail": "sku: Field required",
            "instance": "/api/v1/products:import",
            "errors": [{"field": "sku", "message": "Field required"}],
        },
    },
)


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """What became of one line."""

    line: int
    """Which one, counted from 1, or from `from_line`; blank ones count, and are not answered."""
    status: int
    """What it would be answered with as a request of its own: 200, or the status of the problem."""
    sku: str | None = None
    """As the catalogue knows it; left out where the line was not accepted."""
    version: int | None = None
    """How many events its stream has; left out where the line was not accepted."""
    position: int | None = None
    """The place in the log at which it shows; left out where the line was not accepted."""
    problem: Problem | None = None
    """Why it was not accepted; left out where it was."""


def as_lines(*examples: JsonDict) -> str:
    """Examples as lines."""
    return "".join(f"{to_json(example).decode()}\n" for example in examples)


IMPORTED = Answer(
    ImportedLine,
    example=as_lines(*_LINES),
    description="A line for each line, as soon as that is handled. Where the import ends before its last line, the last"
    " answer names the line to go on with.",
    media_type=NDJSON,
)

FromLine = Annotated[
    Annotated[int, Field(ge=1, le=2**53), BeforeValidator(whole)],
    Query(description="The number of the first line that is sent, to go on with an import that ended."),
]

_GOES_ON = """All of them, oldest first, one on each line with its `cursor`, which goes on after it. What is recorded
meanwhile comes with the next export."""


@dataclass(frozen=True, slots=True)
class ExportedOrderLine:
    """An order of an export: as in the list, and where to go on."""

    order_id: UUID
    """Which order; all other members are those of an order."""
    cursor: str
    """Send it as `cursor` to go on after this order."""


@dataclass(frozen=True, slots=True)
class ExportedEventLine:
    """An event of an export: as in the list, and where to go on."""

    position: int
    """The place in the log; all other members are those of an item."""
    cursor: str
    """Send it as `cursor` to go on after this event."""


ORDER_LINES = Answer(
    ExportedOrderLine,
    example=as_lines({**EXAMPLE_ORDER, "cursor": "WyJvcmRlcnMgb2xkZXN0IGZpcnN0Iiw0M10"}),
    description=" ".join(_GOES_ON.split()),
    media_type=NDJSON,
)
EVENT_LINES = Answer(
    ExportedEventLine,
    example=as_lines({**ITEM, "cursor": "WyJldmVudHMiLDQ1XQ"}),
    description=" ".join(_GOES_ON.split()),
    media_type=NDJSON,
)
