"""Ids come out the same under retry, and as they stand in every log: one known id of each kind."""

from __future__ import annotations

from uuid import UUID, uuid5

import pytest

from commerce.values import ids

ORDER = UUID("c3f5c1a2-0d1e-4a57-9d5b-0a3f6f1e2b4d")


@pytest.mark.parametrize(
    ("found", "known"),
    [
        (ids.order_id("operator:anna POST /orders", "key-1"), "2c7deb87-94fa-56f1-836b-a05d1f963e86"),
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


def test_the_streams_and_requests_of_an_order_are_named_by_uuid5() -> None:
    assert ids.payment_id(ORDER) == uuid5(ORDER, "payment")
    assert ids.request_id(ORDER, "capture") == uuid5(ORDER, "capture")
