"""An endpoint that is called directly answers as it does where FastAPI calls it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

import httpx2
import pytest

from tests.integration.api.conftest import Shop, key, order

STATUSES: list[tuple[dict[str, str], int]] = [
    ({}, 200),
    ({"If-None-Match": '"1"'}, 304),
    ({"If-None-Match": '"2"'}, 200),
    ({"If-None-Match": "no etag"}, 400),
    ({"Accept": "text/csv"}, 406),
    ({"Commerce-Position": "p1-1"}, 200),
    ({"Commerce-Position": "1"}, 400),
]
_OF_ONE_ANSWER = ("date", "x-request-id", "ratelimit")


@pytest.mark.parametrize("role", ["customer", "operator", "auditor", "service"])
async def test_an_order_is_shown_the_same_either_way(shop: Shop, role: str) -> None:
    customer_id = str(uuid4())
    await shop.stock("lamp")
    placed = await shop.client("customer", customer_id).post("/orders", json=order(), headers=key())
    order_id = placed.raise_for_status().json()["order_id"]
    client = shop.client(role, customer_id if role == "customer" else "somebody")
    for headers, status in STATUSES:
        for method in ("GET", "HEAD"):
            one, other = [
                await client.request(method, f"/orders/{written}", headers=headers)
                for written in (order_id, order_id.upper())
            ]
            assert one.status_code == other.status_code == status, headers
            assert _about(one.headers) == _about(other.headers)
            assert _shown(one) == _shown(other)


@pytest.mark.parametrize("content", [b"{}", b'{"a": 1}', b"[]", b"{", b'{"a": 1, "a": 2}'])
async def test_a_body_that_nobody_asked_for_is_rejected_the_same_either_way(shop: Shop, content: bytes) -> None:
    missing = str(uuid4())
    for written in (missing, missing.upper()):
        answer = await shop.client("operator").request(
            "GET", f"/orders/{written}", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == {b"{}": 404, b'{"a": 1}': 422, b"[]": 422}.get(content, 400), answer.text


async def test_who_looked_is_on_record_either_way(shop: Shop) -> None:
    await shop.stock("lamp")
    order_id = (await shop.client("operator").post("/orders", json=order(), headers=key())).json()["order_id"]
    for who, written in (("olga", order_id), ("otto", order_id.upper())):
        (await shop.client("operator", who).get(f"/orders/{written}")).raise_for_status()
    readings = (await shop.client("auditor").get(f"/audit/orders/{order_id}/readings")).json()["items"]
    assert [(one["actor"], one["route"]) for one in readings] == [
        (f"operator:{who}", "GET /api/v1/orders/{order_id}") for who in ("olga", "otto")
    ]


async def test_nobody_has_looked_who_sends_a_header_that_cannot_be_read(shop: Shop) -> None:
    await shop.stock("lamp")
    order_id = (await shop.client("operator").post("/orders", json=order(), headers=key())).json()["order_id"]
    for written in (order_id, order_id.upper()):
        answer = await shop.client("operator").get(f"/orders/{written}", headers={"If-None-Match": "no etag"})
        assert answer.status_code == 400
    assert (await shop.client("auditor").get(f"/audit/orders/{order_id}/readings")).json()["items"] == []


async def test_what_is_no_id_and_what_has_parameters_goes_fastapis_way(shop: Shop) -> None:
    operator = shop.client("operator")
    for path in ("/orders/x", f"/orders/{'0' * 35}g", f"/orders/{'-' * 36}"):
        answer = await operator.get(path)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "invalid-input")
    assert (await operator.get(f"/orders/{uuid4()}?version=0")).status_code == 422
    assert (await operator.get(f"/orders/{uuid4()}?colour=red")).status_code == 422


def _about(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if not name.startswith(_OF_ONE_ANSWER)}


def _shown(answer: httpx2.Response) -> object:
    """What an answer shows, without what names this one request."""
    shown = answer.json() if answer.content else {}
    return {name: value for name, value in shown.items() if name not in ("instance", "request_id")}
