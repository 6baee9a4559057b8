"""Ids come out the same under retry, and as they stand in every log: one known id of each kind."""

from __future__ import annotations

from uuid import RFC_4122, UUID, uuid5

import pytest

from commerce.values import ids

ORDER = UUID("c3f5c1a2-0d1e-4a57-9d5b-0a3f6f1e2b4d")


@pytest.mark.parametrize(
    ("found", "known"),
    [
        (ids.order_id_of_request("operator:anna POST /orders", "key-1"), "2c7deb87-94fa-56f1-836b-a05d1f963e86"),
        (ids.reference_id("ab12"), "eabb9e9f-a5fb-5ff9-bfd1-6899bdec332b"),
        (ids.reference_claim_id("ab12"), "dafb90f6-126c-516b-b8da-a074b0ccb36a"),
        (ids.product_id("TEA"), "ef684433-de90-5ffd-8915-24d21c13963e"),
        (ids.stock_item_id("TEA"), "cba9ff1f-fcc0-52cd-bcdf-b518ac6f3b48"),
        (ids.reservation_id(ORDER), "4b02a44b-b23a-5652-b91f-3724772fa214"),
        (ids.payment_id(ORDER), "ff5671f4-2206-5218-8124-13579e37f5cf"),
        (ids.shipment_id(ORDER), "866c6528-013a-55d3-81e4-bcb2f6f476d8"),
        (ids.process_id(ORDER), "56195190-c01d-518c-a97b-44ae563d71d2"),
        (ids.request_id(ORDER, "authorize"), "5a2f1c3f-abcb-5763-a7be-a2ba23a93bbe"),
    ],
)
def test_an_id_is_the_one_that_logs_have(found: UUID, known: str) -> None:
    assert found == UUID(known)


def test_the_streams_and_requests_of_an_old_order_are_named_by_uuid5() -> None:
    assert ids.payment_id(ORDER) == uuid5(ORDER, "payment")
    assert ids.request_id(ORDER, "capture") == uuid5(ORDER, "capture")


NEW = UUID("019ad3c5-7a10-7c3e-9d57-0a4c2f1b7d11")


@pytest.mark.parametrize(
    ("found", "known"),
    [
        (ids.reservation_id(NEW), "019ad3c5-7a10-8f62-b5a0-9f34cda663ac"),
        (ids.payment_id(NEW), "019ad3c5-7a10-8e6d-a8a9-de506fea7338"),
        (ids.shipment_id(NEW), "019ad3c5-7a10-8900-beed-0ae19d97ead4"),
        (ids.process_id(NEW), "019ad3c5-7a10-8279-a42b-f7a8dc9b9bbd"),
        (ids.request_id(ids.process_id(NEW), "authorize"), "019ad3c5-7a10-8b69-8f5f-89e87bc541f8"),
    ],
)
def test_what_belongs_to_an_order_begins_with_its_time(found: UUID, known: str) -> None:
    assert found == UUID(known)
    assert found.bytes[:6] == NEW.bytes[:6]
    assert (found.version, found.variant) == (8, RFC_4122)


def test_an_order_that_is_placed_later_has_a_greater_id() -> None:
    placed = [ids.new_order_id() for _ in range(100)]
    assert placed == sorted(placed)
    assert len({each.bytes[15] for each in placed}) > 50, "partitions are told apart by the last byte"
