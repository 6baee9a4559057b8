"""An event as the log holds it: decoded when it is asked for."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

from commerce.eventstore import Metadata, Recorded
from commerce.eventstore.codec.mapper import MAPPER
from commerce.eventstore.read.log import recorded_of
from commerce.ordering.events import OrderRejected

EVENT = OrderRejected(originator_id=UUID(int=1), originator_version=2, reason="out_of_stock")
STORED = MAPPER.to_stored_event(EVENT)
AT = datetime(2026, 11, 27, tzinfo=UTC)
ROW = (UUID(int=1), 2, STORED.topic, STORED.state, 7, AT, UUID(int=1), 6, "service:saga", "request")


def test_a_row_of_the_log_is_what_is_made_of_its_fields() -> None:
    recorded = recorded_of(ROW)
    assert recorded == Recorded(*ROW)
    assert tuple(getattr(recorded, field.name) for field in fields(Recorded)) == ROW
    assert recorded.metadata == Metadata("service:saga", "request")


def test_a_event_is_decoded_once_until_it_is_let_go_of() -> None:
    recorded = recorded_of(ROW)
    first = recorded.event
    assert first == EVENT
    assert recorded.event is first
    recorded.forget_event()
    recorded.forget_event()
    assert recorded.event == EVENT
    assert recorded.event is not first
    assert recorded == recorded_of(ROW)
