"""Makes `docs/events.md`: what other systems can read on the broker, as the relay's own code says it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel

from commerce.events import EVENTS
from commerce.eventstore import Recorded
from commerce.integration_events import PUBLISHED
from tests.schema.kept import path_of, read_kept
from workers.outbox.broker import EVENTS as STREAM
from workers.outbox.broker import KEEP_EVENT_BYTES, KEEP_EVENTS_S
from workers.outbox.message_schemas import EventData, IntegrationEvent
from workers.outbox.messages import Outgoing, integration_event_of

PAGE = Path(__file__).parents[2] / "docs" / "events.md"
ORDER = UUID("3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11")
SHOWN = "ordering.OrderPlaced"

ATTRIBUTES = {
    "specversion": "the version of CloudEvents",
    "id": "unique for ever: the event's stream and its version in it",
    "source": "always the same",
    "type": "the event's topic, as below",
    "subject": "the id of the order, of the customer, or of the member of staff",
    "time": "when the log recorded the event, in UTC",
    "datacontenttype": "always the same",
    "data": "see below",
}
DATA = {
    "order_id": "the order; null where it is about a customer alone",
    "position": "the event's place in the log; greater is later",
    "member_id": "the member of staff's id; null where the event is about none",
    "customer_id": "the customer's id; null for a guest, and where the event does not name one",
    "amount": "how much money the event is about; null where it is about none",
}

INTRODUCTION = f"""\
# Integration events

`make docs` writes this page from the code.

An **integration event** tells other systems that an event was recorded in the log. The relay publishes it to the
JetStream stream `{STREAM}`, as a CloudEvent 1.0 in structured JSON mode (content type `application/cloudevents+json`).
It holds ids and amounts only: a system that needs more asks the HTTP API.

- **Delivery** is at least once. Recognise a repeat by `id`.
- **Who asked**: the header `Commerce-Client-Request-Id` of a message is the id of the request to the API that led to
  it. A message that no request led to, such as at the end of a deadline, has none.
- **Order**: events are published in the order of the log. After a repeat, `data.position` says which event is later.
- **Retention**: {KEEP_EVENTS_S // 86_400} days or {KEEP_EVENT_BYTES // 1024**2} MiB, whichever is reached first. \
The log keeps every event for ever.
- **Loss of the broker**: the relay creates the stream again and fills it from the log.
- **Changes**: attributes and fields may be added. A field's meaning never changes under the same `type`.

To subscribe, create a durable consumer of your own on the stream `{STREAM}`, with `events.>` or some of the subjects
below as its filter. The workers use the subjects `commands.>` among themselves; do not read or publish them.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *_fields(), *_events(), *_example()])


def message_of(topic: str) -> Outgoing:
    """What the relay publishes for an event of this topic, made from the payload that `tests/schema` keeps of it.

    Raises `LookupError` for a topic that is not published.
    """
    kept = read_kept(path_of(topic, EVENTS[topic].class_version))
    recorded = Recorded(
        originator_id=ORDER,
        originator_version=1,
        topic=topic,
        state=kept.state,
        id=42,
        recorded_at=datetime(2026, 11, 23, 10, 15, tzinfo=UTC),
        correlation_id=ORDER,
        causation_id=None,
        actor="service:example",
        request_id=None,
    )
    message = integration_event_of(recorded)
    if message is None:
        raise LookupError(topic)
    return message


def _fields() -> Iterator[str]:
    yield from ("## Attributes", "", "| attribute | example | meaning |", "|---|---|---|")
    example = json.loads(message_of(SHOWN).body)
    for name in _names(IntegrationEvent):
        shown = "an object" if name == "data" else f"`{example[name]}`"
        yield f"| `{name}` | {shown} | {ATTRIBUTES[name]} |"
    yield from ("", "## Fields of `data`", "", "| field | meaning |", "|---|---|")
    for name in _names(EventData):
        yield f"| `{name}` | {DATA[name]} |"


def _events() -> Iterator[str]:
    carried = (
        "Besides `order_id` (or `customer_id`, or `member_id`) and `position`, an event carries what its line names."
    )
    yield from ("", "## Events", "", carried, "")
    for topic in sorted(PUBLISHED):
        message = message_of(topic)
        data = json.loads(message.body)["data"]
        more = " and ".join(f"`{name}`" for name in ("customer_id", "member_id", "amount") if data[name] is not None)
        meaning = " ".join((EVENTS[topic].__doc__ or "").split("\n\n")[0].split()).partition(";")[0].rstrip(".") + "."
        yield from _item(f"`{message.subject}`{f', with {more}' if more else ''}: {meaning}")


def _example() -> Iterator[str]:
    message = message_of(SHOWN)
    body = json.dumps(json.loads(message.body), indent=2)
    yield from ("", "## Example", "", f"On the subject `{message.subject}`:", "", "```json", body, "```", "")


def _names(model: type[BaseModel]) -> list[str]:
    return list(model.model_fields)


def _item(text: str) -> list[str]:
    return textwrap.wrap(
        text, 118, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
