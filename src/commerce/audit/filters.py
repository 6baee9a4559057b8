"""Filters of the log that cannot apply together: rejected, with what to do instead, and never answered with nothing."""

from __future__ import annotations

from uuid import UUID

from commerce.audit.events import PersonalDataRead
from commerce.audit.state import stream_kind
from commerce.events import EVENTS, STREAM_KIND_OF
from commerce.eventstore import LogReader
from commerce.values.errors import InvalidInput

_OF_ONE_ORDER = ("order", "process")
_OF_ONE_CUSTOMER = ("customer", "e-mail address", "logins", "refused logins", "password resets", "session")
_OF_A_SKU = ("stock item", "product")

ABOUT_ONE = frozenset(
    topic
    for topic, kind in EVENTS.items()
    if STREAM_KIND_OF[topic].name in (*_OF_ONE_ORDER, *_OF_ONE_CUSTOMER) or "order_id" in kind.model_fields
)
"""The topics whose events are each about one order or one customer, and are found by it."""


def require_possible(topic: str | None, *, order: UUID | None, of_sku: bool = False, actor: str | None = None) -> None:
    """Raises `InvalidInput` for a topic that there is not, an actor without a role, and what no event can fulfil
    together."""
    if topic is not None and topic not in EVENTS:
        raise InvalidInput(f"no event has the topic {topic!r}; it is written like ordering.OrderPlaced", "topic")
    if actor is not None and not all(actor.partition(":")):
        raise InvalidInput(f"{actor!r} is no actor; it is a role and a subject, written like operator:anna", "actor")
    if topic is None:
        return
    if order is not None and topic not in ABOUT_ONE:
        raise InvalidInput(_without_order(topic, order), "topic")
    if of_sku and STREAM_KIND_OF[topic].name not in _OF_A_SKU:
        raise InvalidInput(
            f"{topic} stands in no stream of a SKU's stock or product; leave out the one or the other", "topic"
        )
    if topic == PersonalDataRead.TOPIC and actor is not None and actor.startswith("customer:"):
        raise InvalidInput("looks of customers at their own orders are not recorded", "actor")


async def require_possible_stream(log: LogReader, stream: UUID, topic: str | None, order: UUID | None) -> None:
    """Raises `InvalidInput` for a stream in which no event of this topic, or about this order, can stand;
    `Unavailable`."""
    first = next(iter(await log.read_stream(stream, until_version=1)), None)
    if first is None or first.topic not in EVENTS:
        return
    kind = stream_kind(first)
    if topic is not None and STREAM_KIND_OF[topic].name != kind:
        raise InvalidInput(
            f"stream {stream} is of the kind '{kind}', and {topic} stands in '{STREAM_KIND_OF[topic].name}'",
            "stream_id",
        )
    if order is not None and kind not in _OF_A_SKU and first.correlation_id != order:
        what = "customer" if kind in _OF_ONE_CUSTOMER else "order"
        about = "no order" if first.correlation_id is None else f"{what} {first.correlation_id}"
        raise InvalidInput(f"stream {stream} is about {about}", "stream_id")
    if order is not None and kind == "product":
        raise InvalidInput(f"stream {stream} is about no order, but a product", "stream_id")


def _without_order(topic: str, order: UUID) -> str:
    if topic == PersonalDataRead.TOPIC:
        return (
            f"{topic} is about the person who looked, perhaps at several orders; who looked at this one is told by"
            f" GET /api/v1/audit/orders/{order}/readings, and by: commerce audit readings {order}"
        )
    return f"{topic} is about no order; leave out the one or the other"
