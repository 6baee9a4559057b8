"""A provider and a carrier that do what they are asked and say something else: their word is recorded, and is no
success."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from commerce.outside.errors import TryAgain
from commerce.payments import payment as payments
from commerce.payments.events import PaymentAnswerDiffered, PaymentDeclined
from commerce.payments.payment import Payment, PaymentOperation
from commerce.payments.ports import PROVIDER_CALLS
from commerce.saga.case_events import CaseOpened
from commerce.saga.limits import ProcessLimits
from commerce.saga.subscription import saga_subscription
from commerce.shipping.events import ShipmentScheduled
from commerce.shipping.shipment import ShippingOperation
from commerce.values import ids
from commerce.values.money import Money
from tests.catch_up import catch_up
from tests.integration.gateways.ledger import entries
from tests.integration.gateways.lying_party import Body, Lie, lying
from tests.integration.workers.shop import PRICE, Shop, payment_commands, shipping_commands
from tests.integration.workers.test_payment_commands import (
    _attempted,
    _booked,
    _cancelled,
    _command,
    _placed,
    _unbooked,
)
from workers.gateways.http_carrier import HttpCarrier
from workers.gateways.http_provider import HttpPaymentProvider

LONG = pytest.mark.long  # a lie like another one, all the way to the end of the order
OTHER_ORDER = UUID("00000000-0000-4000-8000-000000000001")
ONE = Money.of("1.00", "EUR")


def says(place: str, **changed: Any) -> Lie:
    """At one place of the protocol, some fields of the answer are others; None leaves one out."""

    def lie(at: str, true: Body) -> Body | None:
        if at != place:
            return None
        return {name: value for name, value in {**true, **changed}.items() if value is not None}

    return lie


def _asked_again(changed: Body) -> Lie:
    """Whoever asks what became of the request hears the same."""

    def lie(at: str, true: Body) -> Body | None:
        if at != "operations":
            return None
        answer = {name: value for name, value in {**true["answer"], **changed}.items() if value is not None}
        return {**true, "answer": answer}

    return lie


TRUTH = says("nowhere")


async def carry_out(shop: Shop, order: UUID, lie: Lie, *operations: str) -> None:
    async with lying(shop.provider_url, lie) as url, HttpPaymentProvider(url) as provider:
        for operation in operations:
            command = await _command(shop, order, operation)
            await payment_commands(shop.store, provider).handle(PaymentOperation(operation), command)


async def differences(shop: Shop, order: UUID) -> list[PaymentAnswerDiffered]:
    history = await shop.store.read_stream(ids.payment_id(order))
    return [recorded.event for recorded in history if isinstance(recorded.event, PaymentAnswerDiffered)]


async def case_of(shop: Shop, order: UUID) -> str:
    await catch_up(shop.store, saga_subscription(ProcessLimits()))
    history = await shop.store.read_stream(ids.process_id(order))
    return [recorded.event.detail for recorded in history if isinstance(recorded.event, CaseOpened)][-1]


async def state(shop: Shop, order: UUID) -> Payment:
    history = await shop.store.read_stream(ids.payment_id(order))
    payment = payments.fold(recorded.event for recorded in history)
    assert payment is not None
    return payment


async def captured_and_cancelled(shop: Shop) -> UUID:
    """An order whose money is to be given back."""
    order = await _placed(shop)
    await carry_out(shop, order, TRUTH, "authorize")
    await _booked(shop, order)
    await carry_out(shop, order, TRUTH, "capture")
    await _cancelled(shop, order)
    await _unbooked(shop, order)
    return order


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"amount": "1.00"}, "set 1.00 EUR aside instead of 39.98 EUR"),
        ({"amount": 1}, "set 1.00 EUR aside instead of 39.98 EUR"),
        pytest.param({"currency": "USD"}, "set 39.98 USD aside instead of 39.98 EUR", marks=LONG),
        pytest.param(
            {"currency": "XYZ"},
            "set money aside with an amount that cannot be read ('39.98 XYZ') instead of 39.98 EUR",
            marks=LONG,
        ),
        pytest.param(
            {"amount": "39,98"},
            "set money aside with an amount that cannot be read ('39,98 EUR') instead of 39.98 EUR",
            marks=LONG,
        ),
        pytest.param({"amount": None}, "set money aside without naming its amount instead of 39.98 EUR", marks=LONG),
    ],
)
async def test_what_is_set_aside_otherwise_than_asked_is_let_go_before_the_order_is_rejected(
    shop: Shop, changed: Body, told: str
) -> None:
    order = await _placed(shop)
    await carry_out(shop, order, says("authorizations", **changed), "authorize")
    (found,) = await differences(shop, order)
    assert f"{found.answered} instead of {found.asked}" == told
    assert await case_of(shop, order) == f"the payment provider {told}"
    assert await shop.topics(order) == ["ordering.OrderPlaced"]
    await carry_out(shop, order, TRUTH, "void")
    assert await shop.money(order) == [("authorized", PRICE), ("voided", PRICE)]
    await case_of(shop, order)
    assert await shop.ended(order) == "ordering.OrderRejected payment_unavailable"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"order_id": str(OTHER_ORDER)}, "for order {other} instead of 39.98 EUR for order {order}"),
        ({"authorization_id": None}, "without naming its authorization_id instead of 39.98 EUR"),
        pytest.param(
            {"authorization_id": "auth\u0000_1"},
            "under an id that cannot be used ('auth _1') instead of 39.98 EUR",
            marks=LONG,
        ),
        pytest.param(
            {"authorization_id": ".."}, "under an id that cannot be used ('..') instead of 39.98 EUR", marks=LONG
        ),
    ],
)
async def test_only_an_authorisation_that_is_surely_this_orders_is_let_go(shop: Shop, changed: Body, told: str) -> None:
    """What another order's, or nobody's, id stands for is not touched: the provider is asked what there is of ours."""
    order = await _placed(shop)
    lie = says("authorizations", **changed)
    await carry_out(shop, order, lie, "authorize")
    words = told.format(other=OTHER_ORDER, order=order)
    assert await case_of(shop, order) == f"the payment provider set 39.98 EUR aside {words}"
    await carry_out(shop, order, _asked_again(changed), "void")
    assert len(await differences(shop, order)) == 1
    await carry_out(shop, order, TRUTH, "void")
    assert await shop.money(order) == [("authorized", PRICE), ("voided", PRICE)]


@pytest.mark.parametrize(
    ("changed", "captured", "told"),
    [
        ({"amount": "1.00"}, "1.00", "took 1.00 EUR instead of 39.98 EUR"),
        ({"amount": "9999.00"}, "9999.00", "took 9999.00 EUR instead of 39.98 EUR"),
        pytest.param({"amount": None}, None, "took money without naming its amount instead of 39.98 EUR", marks=LONG),
        pytest.param({"status": "authorized"}, None, "set 39.98 EUR aside instead of taking 39.98 EUR", marks=LONG),
        pytest.param(
            {"authorization_id": "auth_x"},
            None,
            "took 39.98 EUR under auth_x instead of 39.98 EUR under {authorization}",
            marks=LONG,
        ),
    ],
)
async def test_what_is_taken_otherwise_than_asked_is_never_confirmed(
    shop: Shop, changed: Body, captured: str | None, told: str
) -> None:
    order = await _placed(shop)
    await carry_out(shop, order, TRUTH, "authorize")
    await _booked(shop, order)
    await carry_out(shop, order, says("capture", **changed), "capture")
    payment = await state(shop, order)
    assert payment.captured == (None if captured is None else Money.of(captured, "EUR"))
    assert await case_of(shop, order) == f"the payment provider {told.format(authorization=payment.authorization_id)}"
    await _unbooked(shop, order)
    assert await shop.topics(order) == ["ordering.OrderPlaced"]
    if captured is None:
        await carry_out(shop, order, TRUTH, "refund")
        assert await shop.money(order) == [("authorized", PRICE), ("captured", PRICE), ("refunded", PRICE)]


async def test_what_is_given_back_is_what_was_really_taken(shop: Shop) -> None:
    order = await _placed(shop)
    await carry_out(shop, order, TRUTH, "authorize")
    await _booked(shop, order)
    await carry_out(shop, order, says("capture", amount="1.00"), "capture")
    await _unbooked(shop, order)
    await carry_out(shop, order, TRUTH, "refund")
    assert (await shop.money(order))[-1] == ("refunded", "1.00")
    assert (await state(shop, order)).status == "refunded"


async def test_money_given_back_otherwise_than_asked_is_never_done_and_not_given_twice(shop: Shop) -> None:
    order = await captured_and_cancelled(shop)
    await carry_out(shop, order, says("refunds", amount="1.00"), "refund", "refund")
    assert await case_of(shop, order) == "the payment provider gave 1.00 EUR back instead of 39.98 EUR"
    payment = await state(shop, order)
    assert (payment.status, payment.refunded) == ("differed", ONE)
    assert (await shop.money(order))[2:] == [("refunded", PRICE)]
    assert (await shop.topics(order))[-1] == "ordering.OrderCancellationRequested"


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": None},
        pytest.param({"authorization_id": "auth_x"}, marks=LONG),
        pytest.param({"status": "captured"}, marks=LONG),
    ],
)
async def test_money_given_back_nobody_knows_how_is_asked_about_until_it_is_known(shop: Shop, changed: Body) -> None:
    order = await captured_and_cancelled(shop)
    await carry_out(shop, order, says("refunds", **changed), "refund", "refund")
    assert len(await differences(shop, order)) == 1
    await carry_out(shop, order, TRUTH, "refund")
    assert (await state(shop, order)).status == "refunded"
    assert (await shop.money(order))[2:] == [("refunded", PRICE)]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"authorization_id": "auth_x"}, "let go of money under auth_x instead of 1.00 EUR under auth_"),
        ({"amount": PRICE, "currency": "EUR"}, "let go of 39.98 EUR instead of 1.00 EUR"),
        pytest.param(
            {"status": "refunded"}, "gave money back without naming its amount without naming its currency", marks=LONG
        ),
    ],
)
async def test_money_let_go_otherwise_than_asked_is_never_done(shop: Shop, changed: Body, told: str) -> None:
    order = await _placed(shop)
    await carry_out(shop, order, says("authorizations", amount="1.00"), "authorize")
    await carry_out(shop, order, says("void", **changed), "void", "void")
    assert len(await differences(shop, order)) == 2
    assert told in await case_of(shop, order)
    await carry_out(shop, order, TRUTH, "void")
    assert (await state(shop, order)).status == "voided"


async def test_what_a_question_is_answered_is_compared_too(shop: Shop) -> None:
    order = await _placed(shop)
    await _attempted(shop, order)
    authorize = await _command(shop, order, "authorize")
    async with HttpPaymentProvider(shop.provider_url) as provider:
        await provider.authorize(authorize.request_id, order, Money.of(PRICE, "EUR"), "pm_card_ok")
    await _cancelled(shop, order)

    def lie(place: str, true: Body) -> Body | None:
        return {**true, "answer": {**true["answer"], "amount": "1.00"}} if place == "operations" else None

    await carry_out(shop, order, lie, "void")
    (found,) = await differences(shop, order)
    assert (found.answered, found.amount) == ("set 1.00 EUR aside", ONE)
    assert await shop.money(order) == [("authorized", PRICE), ("voided", PRICE)]


@pytest.mark.parametrize(
    "spelling",
    [
        {"amount": "39.980"},
        {"amount": 39.98},
        {"currency": "eur"},
        {"something": "else", "fees": [1, 2]},
        {"order_id": None},
    ],
)
async def test_the_same_money_in_another_spelling_is_the_same(shop: Shop, spelling: Body) -> None:
    order = await _placed(shop)
    await carry_out(shop, order, says("authorizations", **spelling), "authorize")
    assert await shop.payment(order) == ["payments.AuthorizationAttempted", "payments.Authorized"]
    assert (await state(shop, order)).authorized == Money.of(PRICE, "EUR")


@pytest.mark.parametrize("no_answer", [b"[]", b'{"amount":"39.98"}', b'{"status":"pending"}', b'{"status":7}', b""])
async def test_what_does_not_say_what_was_done_is_no_answer(shop: Shop, no_answer: bytes) -> None:
    order = await _placed(shop)
    with pytest.raises(TryAgain):
        await carry_out(shop, order, lambda place, _: no_answer, "authorize")
    attempt = ["payments.AuthorizationAttempted", "payments.CallUnanswered"]
    assert await shop.payment(order) == [*attempt * PROVIDER_CALLS.attempts, "payments.CallPostponed"]


async def ship(shop: Shop, order: UUID, lie: Lie, *operations: ShippingOperation) -> None:
    commands = {ShippingOperation.SCHEDULE: "schedule", ShippingOperation.CANCEL: "cancel shipment"}
    async with lying(shop.carrier_url, lie) as url, HttpCarrier(url) as carrier:
        for operation in operations:
            command = await _command(shop, order, commands[operation])
            await shipping_commands(shop.store, carrier).handle(operation, command)


async def bookings(shop: Shop, order: UUID) -> list[str]:
    return [entry["kind"] for entry in await entries(shop.carrier_url, order)]


async def to_be_booked(shop: Shop) -> UUID:
    order = await _placed(shop)
    await carry_out(shop, order, TRUTH, "authorize")
    return order


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"tracking_number": "TRACK\x00-1"}, "with a tracking_number that cannot be used ('TRACK -1')"),
        ({"tracking_number": "TRACK\n\x1b[31m"}, "with a tracking_number that cannot be used ('TRACK [31m')"),
        pytest.param(
            {"tracking_number": "\u202eTRACK"}, "with a tracking_number that cannot be used ('TRACK')", marks=LONG
        ),
        pytest.param(
            {"tracking_number": "T" * 129}, f"with a tracking_number that cannot be used ('{'T' * 40}')", marks=LONG
        ),
        pytest.param(
            {"tracking_number": "T" * 900_000}, f"with a tracking_number that cannot be used ('{'T' * 40}')", marks=LONG
        ),
        pytest.param({"tracking_number": 17}, "with a tracking_number that cannot be used ('17')", marks=LONG),
        pytest.param({"tracking_number": ""}, "with a tracking_number that cannot be used ('')", marks=LONG),
        pytest.param({"tracking_number": None}, "without naming its tracking_number", marks=LONG),
        pytest.param({"carrier": "\u200b"}, "without naming its carrier", marks=LONG),
        pytest.param({"estimated_delivery": "soon"}, "without a day of delivery that can be read ('soon')", marks=LONG),
        pytest.param({"country": "AQ"}, "to AQ", marks=LONG),
        pytest.param({"parcels": 2}, "of pieces: 2", marks=LONG),
        pytest.param({"status": "cancelled"}, "dropped", marks=LONG),
    ],
)
async def test_a_shipment_that_is_booked_otherwise_than_asked_is_dropped_before_the_order_is_rejected(
    shop: Shop, changed: Body, told: str
) -> None:
    order = await to_be_booked(shop)
    await ship(shop, order, says("shipments", **changed), ShippingOperation.SCHEDULE)
    assert (await shop.shipment(order))[1:] == ["shipping.AnswerDiffered"]
    case = await case_of(shop, order)
    assert case.startswith(("the carrier booked a shipment", "the carrier dropped a shipment"))
    assert told in case
    assert case.isprintable()
    assert len(case) < 200
    await ship(shop, order, TRUTH, ShippingOperation.CANCEL)
    assert await bookings(shop, order) == ["booked", "cancelled"]
    await carry_out(shop, order, TRUTH, "void")
    await case_of(shop, order)
    assert await shop.ended(order) == "ordering.OrderRejected shipping_unavailable"


async def test_a_booking_of_too_many_shipments_is_dropped_whatever_the_carrier_says_when_it_is_asked(
    shop: Shop,
) -> None:
    order = await to_be_booked(shop)
    await ship(shop, order, says("shipments", parcels=2), ShippingOperation.SCHEDULE)
    await ship(shop, order, _asked_again({"parcels": 2}), ShippingOperation.CANCEL)
    assert await bookings(shop, order) == ["booked", "cancelled"]


@pytest.mark.parametrize("changed", [{"order_id": str(OTHER_ORDER)}, {"shipment_id": None}, {"shipment_id": "a\nb"}])
async def test_only_a_booking_that_is_surely_this_orders_is_dropped(shop: Shop, changed: Body) -> None:
    order = await to_be_booked(shop)
    await ship(shop, order, says("shipments", **changed), ShippingOperation.SCHEDULE)
    assert "booked a shipment" in await case_of(shop, order)
    await ship(shop, order, _asked_again(changed), ShippingOperation.CANCEL)
    assert await bookings(shop, order) == ["booked"]
    assert (await shop.shipment(order))[1:] == ["shipping.AnswerDiffered"]
    await ship(shop, order, TRUTH, ShippingOperation.CANCEL)
    assert await bookings(shop, order) == ["booked", "cancelled"]


@pytest.mark.parametrize(
    "changed", [{"shipment_id": "ship_x"}, {"order_id": str(OTHER_ORDER)}, {"status": "booked"}, {"shipment_id": None}]
)
async def test_a_shipment_that_is_dropped_otherwise_than_asked_is_not_dropped(shop: Shop, changed: Body) -> None:
    order = await to_be_booked(shop)
    await ship(shop, order, TRUTH, ShippingOperation.SCHEDULE)
    await _cancelled(shop, order)
    await ship(shop, order, says("cancellation", **changed), *[ShippingOperation.CANCEL] * 2)
    kinds = await shop.shipment(order)
    assert (kinds.count("shipping.AnswerDiffered"), kinds.count("shipping.Cancelled")) == (1, 0)
    assert "the carrier" in await case_of(shop, order)
    await ship(shop, order, TRUTH, ShippingOperation.CANCEL)
    assert (await shop.shipment(order))[-1] == "shipping.Cancelled"


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1999-01-01"])
async def test_a_day_of_delivery_is_recorded_as_the_carrier_says_it(shop: Shop, day: str) -> None:
    order = await to_be_booked(shop)
    await ship(shop, order, says("shipments", estimated_delivery=day), ShippingOperation.SCHEDULE)
    (scheduled,) = [
        recorded.event
        for recorded in await shop.store.read_stream(ids.shipment_id(order))
        if isinstance(recorded.event, ShipmentScheduled)
    ]
    assert str(scheduled.estimated_delivery) == day


async def test_a_carriers_name_is_kept_on_one_line_and_bounded(shop: Shop) -> None:
    order = await to_be_booked(shop)
    await ship(shop, order, says("shipments", carrier="Swift\r\n\x1b[31m" + "x" * 5_000), ShippingOperation.SCHEDULE)
    scheduled = (await shop.store.read_stream(ids.shipment_id(order)))[-1].event
    assert isinstance(scheduled, ShipmentScheduled)
    assert scheduled.carrier.startswith("Swift [31mxxx")
    assert len(scheduled.carrier) == 100


@pytest.mark.parametrize("code", ["no\x00\n funds", "no_funds" + "x" * 999, "Mr Smith has no money"])
async def test_a_reason_to_decline_is_one_bounded_word_or_none(shop: Shop, code: str) -> None:
    order = await _placed(shop)
    await carry_out(shop, order, lambda *_: {"status": "declined", "code": code}, "authorize")
    declined = (await shop.store.read_stream(ids.payment_id(order)))[-1].event
    assert isinstance(declined, PaymentDeclined)
    assert declined.decline_reason == "declined"


async def test_what_is_found_for_another_order_is_not_taken_for_a_second_of_this_one(shop: Shop) -> None:
    order = await _placed(shop)
    with pytest.raises(TryAgain):
        await carry_out(shop, order, lambda place, _: b"", "authorize")
    await carry_out(shop, order, TRUTH, "authorize")
    before = await shop.payment(order)
    await carry_out(
        shop, order, _asked_again({"order_id": str(OTHER_ORDER), "authorization_id": "auth_other"}), "authorize"
    )
    assert await shop.payment(order) == before
    await carry_out(shop, order, _asked_again({"authorization_id": "auth_other"}), "authorize")
    assert (await shop.payment(order))[len(before)] == "payments.SecondAuthorizationFound"
