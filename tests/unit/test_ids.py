"""Ids come out the same under retry, and for whoever computes them with another library."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.values import ids


@given(st.uuids(), st.text())
def test_a_request_has_the_uuid5_of_its_process_and_name(process: UUID, command: str) -> None:
    assert ids.request_id(process, command) == uuid5(process, command)


@pytest.mark.parametrize(
    ("stream", "name"),
    [
        (ids.reservation_id, "reservation"),
        (ids.payment_id, "payment"),
        (ids.shipment_id, "shipment"),
        (ids.process_id, "process"),
    ],
)
def test_the_streams_of_an_order_have_the_uuid5_of_its_id_and_their_kind(
    stream: Callable[[UUID], UUID], name: str
) -> None:
    order = UUID("c3f5c1a2-0d1e-4a57-9d5b-0a3f6f1e2b4d")
    assert stream(order) == stream(order) == uuid5(order, name)
