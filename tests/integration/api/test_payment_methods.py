"""What can be paid with is known as far as the provider has named it: anything else is rejected when the order is
placed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from commerce.payments import methods
from commerce.payments.methods import keep_methods
from tests.integration.api.conftest import ADDRESS, Shop, key

CARDS = ["pm_card_ok", "pm_card_declined"]


@pytest.fixture(autouse=True)
def _looked_up_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "_UNKNOWN_FOR_S", 0.0)


async def place(shop: Shop, method: str, headers: dict[str, str] | None = None) -> httpx2.Response:
    order: dict[str, Any] = {
        "currency": "EUR",
        "lines": [{"sku": "CUP", "quantity": 1}],
        "shipping_address": ADDRESS,
        "payment_method": method,
    }
    return await shop.client("operator").post("/orders", json=order, headers=headers or key())


async def test_a_method_that_the_provider_does_not_know_is_rejected(shop: Shop) -> None:
    await shop.stock("CUP")
    await keep_methods(shop.store.pool, CARDS)
    assert (await place(shop, "pm_card_ok")).status_code == 202
    answer = await place(shop, "pm_cash")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "payment_method"
    assert error["message"] == ("'pm_cash' is not known to the payment provider; use pm_card_declined, pm_card_ok")


@pytest.mark.parametrize("named", [None, ["pm_cash"]])
async def test_a_method_is_accepted_where_nothing_is_known_or_it_is_known_by_now(
    shop: Shop, named: Iterable[str] | None
) -> None:
    await shop.stock("CUP")
    assert (await place(shop, "pm_cash")).status_code == 202
    await keep_methods(shop.store.pool, CARDS)
    assert (await place(shop, "pm_cash")).status_code == 422
    await keep_methods(shop.store.pool, named)
    assert (await place(shop, "pm_cash")).status_code == 202


async def test_a_request_that_was_accepted_is_answered_as_before_when_its_method_is_known_no_more(shop: Shop) -> None:
    await shop.stock("CUP")
    headers = {"Idempotency-Key": str(uuid4())}
    first = await place(shop, "pm_cash", headers)
    await keep_methods(shop.store.pool, CARDS)
    again = await place(shop, "pm_cash", headers)
    assert (again.status_code, again.json()["order_id"]) == (202, first.json()["order_id"])
