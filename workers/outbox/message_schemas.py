"""The messages on the broker: commands to the outside, and events for other systems. Ids and
amounts only."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Command(_Frozen):
    """A request to a party outside; what it asks for stands in the log, under `request_id` in the stream `process_id`:
    the order's process, or what a provider sent word of. Where nobody named the order, that stands for it, too."""

    order_id: UUID
    process_id: UUID
    request_id: UUID
    position: int
    """The request's place in the log."""


class MessageAmount(_Frozen):
    """A decimal amount in a currency, such as `19.99` and `EUR`."""

    amount: str
    currency: str


class EventData(_Frozen):
    """What an integration event tells: which order, customer or member of staff, where in the log, and how much where
    money moved."""

    order_id: UUID | None = None
    position: int
    customer_id: UUID | None = None
    member_id: UUID | None = None
    amount: MessageAmount | None = None


class IntegrationEvent(_Frozen):
    """An event of the log for the world outside, in CloudEvents 1.0 JSON format; `subject` is the order, the
    customer, or the member of staff."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    """Unique per source: the event's stream and its version in it."""
    source: Literal["/commerce"] = "/commerce"
    type: str
    """The event's topic, such as `ordering.OrderConfirmed`."""
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    data: EventData
