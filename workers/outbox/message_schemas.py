"""The messages on the broker: commands to the outside, and events for other systems. Ids and
amounts only."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Command(BaseModel):
    """A process's request to a party outside; what it asks for stands in the log, under `request_id` in the
    process's stream."""

    model_config = ConfigDict(frozen=True)

    order_id: UUID
    process_id: UUID
    request_id: UUID
    position: int
    """The request's place in the log."""


class MessageAmount(BaseModel):
    """A decimal amount in a currency, such as `19.99` and `EUR`."""

    model_config = ConfigDict(frozen=True)

    amount: str
    currency: str


class EventData(BaseModel):
    """What an integration event tells: which order, where in the log, and how much where money moved."""

    model_config = ConfigDict(frozen=True)

    order_id: UUID
    position: int
    customer_id: UUID | None = None
    amount: MessageAmount | None = None


class IntegrationEvent(BaseModel):
    """An event of the log for the world outside, in CloudEvents 1.0 JSON format; `subject` is the order."""

    model_config = ConfigDict(frozen=True)

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
