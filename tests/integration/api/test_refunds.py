"""Refunds over HTTP: by amount and by lines, repeated, listed, and rejected with what is left."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from commerce.eventstore import Append, Event, Metadata, in_stream
from commerce.payments import decisions, refund_decisions
from commerce.payments import payment as payments
from commerce.payments.payment import Payment
from commerce.values import ids
from commerce.values.money import Money
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_after_placing import confirmed
from tests.integration.api.test_problems import check


async def payment_of(shop: Shop, order_id: UUID) -> Payment | None:
    return payments.fold(one.event for one in await shop.store.read_stream(ids.payment_id(order_id)))


async def happens(shop: Shop, order_id: UUID, events: list[Event]) -> None:
    payment = await payment_of(shop, order_id)
    placed = in_stream(events, ids.payment_id(order_id), after=payment.version if payment else 0)
    await shop.store.append(Append(placed, order_id, Metadata("service:payments")))


async def is_captured(shop: Shop, order_id: UUID, total: str = "10.00") -> None:
    """The money of an order that is authorised, or not asked for yet, is taken."""
    request, amount = uuid4(), Money.of(total, "EUR")
    payment = await payment_of(shop, order_id)
    if payment is None:
        await happens(shop, order_id, [*decisions.authorize(None, order_id, request, amount, "pm_card_ok")])
        payment = await payment_of(shop, order_id)
        assert payment
        await happens(shop, order_id, [*decisions.authorized(payment, request, "auth_1")])
        payment = await payment_of(shop, order_id)
    assert payment
    await happens(shop, order_id, [*decisions.capture(payment, request := uuid4(), amount)])
    payment = await payment_of(shop, order_id)
    assert payment
    await happens(shop, order_id, [*decisions.captured(payment, request)])


async def paid(shop: Shop) -> UUID:
    """An order for one lamp at 10.00 EUR whose money is taken."""
    order_id = await confirmed(shop)
    await is_captured(shop, order_id)
    return order_id


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def by_amount(amount: str) -> dict[str, object]:
    return {"amount": euros(amount), "reason": "the shipment came late"}


async def test_equal_refunds_with_different_keys_are_two_and_with_one_key_one(shop: Shop) -> None:
    operator, order_id = shop.client("operator"), await paid(shop)
    path, first = f"/orders/{order_id}/refunds", key()
    answers = [await operator.post(path, json=by_amount("3.00"), headers=one) for one in (first, first, key())]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    same, again, other = (answer.json() for answer in answers)
    assert again == same
    assert other["refund_id"] != same["refund_id"]
    assert (same["status"], same["amount"]) == ("requested", euros("3.00"))
    listed = (await operator.get(path)).json()["items"]
    assert [one["refund_id"] for one in listed] == [other["refund_id"], same["refund_id"]]
    another = await operator.post(path, json=by_amount("4.00"), headers=first)
    assert (another.status_code, another.json()["type"].rpartition("/")[2]) == (422, "idempotency-key-reused")


async def test_no_more_is_accepted_than_is_left_and_the_answer_says_how_much_that_is(shop: Shop) -> None:
    operator, order_id = shop.client("operator"), await paid(shop)
    path = f"/orders/{order_id}/refunds"
    at_once = await asyncio.gather(*(operator.post(path, json=by_amount("3.00"), headers=key()) for _ in range(5)))
    assert sorted(answer.status_code for answer in at_once) == [202, 202, 202, 409, 409]
    rejected = await operator.post(path, json=by_amount("1.01"), headers=key())
    problem = check(rejected, 409, "refund-exceeds-capture")
    assert (problem["version"] > 3, problem["actions"]) == (True, ["refunds"])
    assert (problem["left"], "1.00 EUR is left" in problem["detail"]) == (euros("1.00"), True)
    payment = (await operator.get(f"/orders/{order_id}/payment")).json()
    assert (payment["captured"], payment["refunded"], payment["refundable"]) == tuple(
        map(euros, ("10.00", "0.00", "1.00"))
    )
    assert [one["status"] for one in payment["refunds"]] == ["requested"] * 3


async def test_lines_are_refunded_at_their_frozen_prices_and_never_more_than_ordered(shop: Shop) -> None:
    operator = shop.client("operator")
    await shop.stock("lamp", 10, "10.00")
    await shop.stock("cup", 10, "2.50")
    placed = await operator.post("/orders", json=order(("lamp", 1), ("cup", 2)), headers=key())
    order_id = UUID(placed.json()["order_id"])
    await is_captured(shop, order_id, "15.00")
    await shop.stock("cup", 10, "9.99")
    path = f"/orders/{order_id}/refunds"

    async def refund(*lines: tuple[int, int]) -> tuple[int, dict[str, object]]:
        wanted = [{"line": line, "quantity": quantity} for line, quantity in lines]
        answer = await operator.post(path, json={"lines": wanted, "reason": "broken"}, headers=key())
        return answer.status_code, answer.json()

    status, accepted = await refund((2, 1))
    assert (status, accepted["amount"]) == (202, euros("2.50"))
    status, problem = await refund((1, 1), (2, 2))
    assert (status, problem["detail"]) == (
        409,
        "line 2: 2 cannot be refunded: 1 left; refund that or fewer",
    )
    assert (await refund((1, 1), (2, 1)))[0] == 202
    assert (await refund((3, 1)))[1]["errors"] == [
        {"field": "lines[0].line", "message": "the order has 2 lines, and none 3"}
    ]
    assert (await refund((1, 1), (1, 1)))[0] == 422
    (_, first) = (await operator.get(path)).json()["items"]
    assert first["lines"] == [{"line": 2, "sku": "cup", "quantity": 1, "amount": euros("2.50")}]


async def test_a_refund_is_by_amount_or_by_lines_has_a_key_and_needs_captured_money(shop: Shop) -> None:
    operator, order_id = shop.client("operator"), await confirmed(shop)
    path = f"/orders/{order_id}/refunds"
    lines = [{"line": 1, "quantity": 1}]
    for wrong in ({"reason": "why"}, {**by_amount("1.00"), "lines": lines}, {"amount": euros("1.001"), "reason": "x"}):
        assert (await operator.post(path, json=wrong, headers=key())).status_code == 422
    assert (await operator.post(path, json=by_amount("1.00"))).status_code == 400
    early = await operator.post(path, json=by_amount("1.00"), headers=key())
    assert check(early, 409, "nothing-captured")["actions"] == []
    await is_captured(shop, order_id)
    dollars = {"amount": {"amount": "1.00", "currency": "USD"}, "reason": "why"}
    assert (await operator.post(path, json=dollars, headers=key())).status_code == 422


async def test_a_dry_run_says_what_would_be_left_and_records_nothing(shop: Shop) -> None:
    operator, order_id = shop.client("operator"), await paid(shop)
    path, head = f"/orders/{order_id}/refunds", await shop.store.head()
    body = {"lines": [{"line": 1, "quantity": 1}], "reason": "broken"}
    answer = await operator.post(path, json=body, params={"dry_run": "true"}, headers=key())
    assert (answer.status_code, answer.json()["left"], answer.json()["amount"]) == (200, euros("0.00"), euros("10.00"))
    too_much = await operator.post(path, json=by_amount("10.01"), params={"dry_run": "true"}, headers=key())
    assert check(too_much, 409, "refund-exceeds-capture")["actions"] == ["refunds"]
    assert await shop.store.head() == head


async def test_each_refund_has_its_state_and_customers_are_not_told_who_and_why(shop: Shop) -> None:
    customer = uuid4()
    await shop.stock("lamp")
    mine, operator = shop.client("customer", str(customer)), shop.client("operator")
    placed = await mine.post("/orders", json=order(), headers=key())
    order_id = UUID(placed.json()["order_id"])
    await is_captured(shop, order_id)
    path = f"/orders/{order_id}/refunds"
    accepted = [await operator.post(path, json=by_amount("2.00"), headers=key()) for _ in range(3)]
    done, failed, _ = (UUID(answer.json()["refund_id"]) for answer in accepted)
    for refund in (done, failed):
        payment = await payment_of(shop, order_id)
        assert payment
        await happens(shop, order_id, [*decisions.refund(payment, refund, Money.of("2.00", "EUR"))])
        payment = await payment_of(shop, order_id)
        assert payment
        told = decisions.refunded(payment, refund)
        if refund is failed:
            told = refund_decisions.refund_failed(payment, refund, "insufficient_balance")
        await happens(shop, order_id, [*told])
    listed = (await operator.get(path)).json()["items"]
    assert [(one["status"], one["failure"]) for one in listed] == [
        ("requested", None),
        ("failed", "insufficient_balance"),
        ("refunded", None),
    ]
    assert {one["reason"] for one in listed} == {"the shipment came late"}
    assert {one["requested_by"] for one in listed} == {"operator:somebody"}
    assert [one["settled_at"] is None for one in listed] == [True, False, False]
    seen = (await mine.get(path, params={"limit": 2})).json()
    assert [(one["reason"], one["requested_by"]) for one in seen["items"]] == [(None, None)] * 2
    rest = (await mine.get(path, params={"cursor": seen["next_cursor"]})).json()
    assert [one["refund_id"] for one in (*seen["items"], *rest["items"])] == [one["refund_id"] for one in listed]
    assert (await mine.post(path, json=by_amount("1.00"), headers=key())).status_code == 403
    assert (await mine.get("/refunds")).status_code == 403
    assert (await shop.client("customer", str(uuid4())).get(path)).status_code == 404
    stored = await shop.store.read_stream(ids.payment_id(order_id))
    assert b"came late" not in b"".join(one.state for one in stored)


async def test_the_refunds_of_all_orders_are_listed_for_the_shop_by_their_status_and_who_sees_them_is_on_record(
    shop: Shop,
) -> None:
    operator, orders = shop.client("operator"), [await paid(shop), await paid(shop)]
    for order_id in orders:
        (await operator.post(f"/orders/{order_id}/refunds", json=by_amount("2.00"), headers=key())).raise_for_status()
    await shop.show()
    newest, oldest = (await shop.client("service").get("/refunds")).json()["items"]
    assert [UUID(one["order_id"]) for one in (newest, oldest)] == orders[::-1]
    placed = (await operator.get(f"/orders/{orders[1]}")).json()
    told = {name: newest[name] for name in ("number", "reason", "who", "requested_by", "attempted_at")}
    assert told == {
        "number": placed["number"],
        "reason": "the shipment came late",
        "who": "somebody",
        "requested_by": "operator:somebody",
        "attempted_at": None,
    }
    (of_order,) = (await operator.get(f"/orders/{orders[1]}/refunds")).json()["items"]
    assert {name: newest[name] for name in of_order} == of_order
    first = (await shop.client("auditor").get("/refunds", params={"limit": 1, "status": "requested"})).json()
    rest = await operator.get("/refunds", params={"cursor": first["next_cursor"]})
    assert [one["order_id"] for one in rest.json()["items"]] == [oldest["order_id"]]
    assert (await operator.get("/refunds", params={"status": "failed"})).json()["items"] == []
    assert (await operator.get("/refunds", params={"status": "nonsense"})).status_code == 422
    readings = (await shop.client("auditor").get(f"/audit/orders/{orders[0]}/readings")).json()["items"]
    assert "service:somebody" in {one["actor"] for one in readings}
