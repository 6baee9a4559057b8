"""A decision makes events without a place; whoever appends them gives them one, once, and none is appended without."""

from __future__ import annotations

from uuid import UUID

import pytest

from commerce.eventstore import Append, Metadata, in_stream
from commerce.eventstore.errors import EventHasPlace, EventWithoutPlace
from commerce.inventory.events import StockItemRegistered, StockReceived

STREAM, OTHER = UUID(int=1), UUID(int=2)
WHO = Metadata("operator:anna")


def test_events_are_given_the_places_that_follow_in_a_stream() -> None:
    events = [StockItemRegistered(sku="cup"), StockReceived(sku="cup", quantity=2)]
    assert in_stream(events, STREAM, after=4) == [
        StockItemRegistered(originator_id=STREAM, originator_version=5, sku="cup"),
        StockReceived(originator_id=STREAM, originator_version=6, sku="cup", quantity=2),
    ]


def test_an_event_without_a_place_is_never_appended() -> None:
    placed, unplaced = StockItemRegistered(sku="cup"), StockReceived(sku="cup", quantity=2)
    in_stream([placed], STREAM, after=0)
    with pytest.raises(EventWithoutPlace, match="StockReceived has no place in a stream; give it one with in_stream"):
        Append([placed, unplaced], None, WHO)


def test_the_same_place_may_be_given_again_but_no_other() -> None:
    events = in_stream([StockReceived(sku="cup", quantity=2)], STREAM, after=2)
    assert in_stream(events, STREAM, after=2) == events
    for stream, version in ((STREAM, 3), (OTHER, 2)):
        with pytest.raises(EventHasPlace, match=f"at version 3 of stream {STREAM}"):
            in_stream(events, stream, after=version)
