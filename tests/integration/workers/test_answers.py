"""What each answer of the payment provider and the carrier means for an order, from its placing to its end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from commerce.payments.ports import PROVIDER_CALLS
from commerce.values import ids
from projections.processes import ProcessRow, fold, process_view
from tests.integration.workers.interposed import Rule, Says, interposed
from tests.integration.workers.shop import PRICE, Shop, running
from tests.waiting import eventually
from workers.payments import payments_app
from workers.relay import relay_app
from workers.saga import saga_app
from workers.shipping import shipping_app

CONFIRMED = "ordering.OrderConfirmed"
CHARGED = [("authorized", PRICE), ("captured", PRICE)]
LET_GO = [("authorized", PRICE), ("voided", PRICE)]
AUTHORIZE, CAPTURE, VOID, BOOK = "/v1/authorizations", "/capture", "/void", "/v1/shipments"
BUSY = {"code": "key_in_progress", "detail": "An earlier request with this key is still being processed."}
DECLINED = {"code": "card_declined", "detail": "The card's bank declined."}
LONG = pytest.mark.long  # a status like another one, all the way through the workers


def at(ending: str, *says: Says | None) -> Rule:
    """Say these things one after the other where something is to be done at a path that ends so, the last for ever."""
    answers: Iterator[Says | None] = chain(says, repeat(says[-1]))
    return lambda method, path: next(answers) if method == "POST" and path.endswith(ending) else None


async def test_a_provider_that_answers_after_three_seconds_is_waited_for(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with interposed(shop.provider_url, at(AUTHORIZE, Says(after_s=3))) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == CONFIRMED
    assert provider.calls(AUTHORIZE) == 1
    assert await shop.money(order) == CHARGED


@pytest.mark.parametrize(
    "busy",
    [
        Says(409, BUSY),
        pytest.param(Says(409, {}), marks=LONG),
        pytest.param(Says(409, "<html>try later</html>"), marks=LONG),
        pytest.param(Says(423, {}), marks=LONG),
        pytest.param(Says(425, {}), marks=LONG),
        Says(429, {"code": "rate_limited", "detail": "Later."}, {"Retry-After": "0"}),
    ],
    ids=lambda says: str(says.status),
)
async def test_a_party_that_is_busy_is_asked_again_for_as_long_as_the_order_has(
    shop: Shop, environment: pytest.MonkeyPatch, busy: Says
) -> None:
    environment.setattr("workers.runtime.consumers.growing", lambda *_args, **_options: 0.05)
    more_often_than_given_up = [busy] * (PROVIDER_CALLS.attempts + 2)
    async with (
        interposed(shop.provider_url, at(AUTHORIZE, *more_often_than_given_up, None)) as provider,
        interposed(shop.carrier_url, at(BOOK, *more_often_than_given_up, None)) as carrier,
    ):
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        environment.setenv("COMMERCE_CARRIER_URL", carrier.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == CONFIRMED
    assert await shop.money(order) == CHARGED
    assert (await shop.payment(order)).count("payments.CallPostponed") == PROVIDER_CALLS.attempts + 2
    assert (await shop.shipment(order)).count("shipping.CallPostponed") == PROVIDER_CALLS.attempts + 2


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (Says(402, DECLINED), "card_declined"),
        pytest.param(Says(402, {"error": "no"}), "payment_required", marks=LONG),
        pytest.param(Says(402, "card declined"), "payment_required", marks=LONG),
        pytest.param(Says(402, ["card declined"]), "payment_required", marks=LONG),
        (Says(200, {"status": "declined", "reason": "expired_card"}), "expired_card"),
        pytest.param(
            Says(422, {"code": "amount_too_large", "detail": "Only 1.00 is set aside."}), "amount_too_large", marks=LONG
        ),
        (Says(404, {"code": "authorization_not_found", "detail": "It has ended."}), "authorization_not_found"),
        pytest.param(Says(400, {"code": "bad_request", "detail": "We do not do that."}), "bad_request", marks=LONG),
        pytest.param(Says(422, {"message": "no"}), "http_422", marks=LONG),
        pytest.param(Says(413, "<html>too large</html>"), "http_413", marks=LONG),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.status),
)
async def test_a_rejected_capture_is_known_at_once_and_what_was_done_is_undone(
    shop: Shop, environment: pytest.MonkeyPatch, says: Says, reason: str
) -> None:
    async with interposed(shop.provider_url, at(CAPTURE, says)) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == "ordering.OrderRejected payment_declined"
    assert provider.calls(CAPTURE) == 1
    assert await shop.money(order) == LET_GO
    recorded = await shop.store.read_stream(ids.payment_id(order))
    assert [one.event.reason for one in recorded if one.topic == "payments.CaptureRefused"] == [reason]  # type: ignore[attr-defined]
    assert (await shop.shipment(order))[-1] == "shipping.Cancelled"


@pytest.mark.parametrize("status", [401, pytest.param(403, marks=LONG), pytest.param(407, marks=LONG)])
async def test_a_rejected_credential_loses_no_order_which_goes_on_by_itself_when_it_is_taken_again(
    shop: Shop, environment: pytest.MonkeyPatch, status: int
) -> None:
    environment.setattr("commerce.outside.calls.CREDENTIAL_PAUSE_S", 0.05)
    is_known = False

    def at_the_door(_method: str, _path: str) -> Says | None:
        return None if is_known else Says(status, "<html>who are you?")

    async with (
        interposed(shop.provider_url, at_the_door) as provider,
        interposed(shop.carrier_url, at_the_door) as carrier,
    ):
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        environment.setenv("COMMERCE_CARRIER_URL", carrier.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            await eventually(lambda: len(provider.asked) > 2 * PROVIDER_CALLS.attempts)
            assert provider.calls(AUTHORIZE) == 1, "one call is on record; after that it is only asked"
            assert await shop.payment(order) == ["payments.AuthorizationAttempted", "payments.CallPostponed"]
            await eventually(lambda: _told(shop, order, f"rejects our credential ({status})"))
            is_known = True
            assert await shop.ended(order) == CONFIRMED
    assert await shop.money(order) == CHARGED


async def test_a_carrier_that_rejects_our_credential_keeps_the_order_waiting(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    environment.setattr("commerce.outside.calls.CREDENTIAL_PAUSE_S", 0.05)
    answers: list[Says | None] = [Says(401, {})]
    async with interposed(shop.carrier_url, lambda _method, _path: answers[0]) as carrier:
        environment.setenv("COMMERCE_CARRIER_URL", carrier.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            await eventually(lambda: len(carrier.asked) > 2 * PROVIDER_CALLS.attempts)
            assert carrier.calls(BOOK) == 1
            answers[0] = None
            assert await shop.ended(order) == CONFIRMED


async def test_an_undo_that_the_provider_rejects_is_a_case_at_once(shop: Shop, environment: pytest.MonkeyPatch) -> None:
    gone = Says(404, {"code": "authorization_not_found", "detail": "There is no such authorization."})
    async with interposed(shop.provider_url, at(VOID, gone)) as provider:
        environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place(country="AQ")
            case = "the payment provider does not let the money go: authorization_not_found"
            await eventually(lambda: _case(shop, order, case))
            assert await shop.open_requests() == ["commands.payments.void"]
    assert (await shop.payment(order))[-2:] == ["payments.VoidAttempted", "payments.CallPostponed"]


async def test_a_booking_of_which_the_carrier_says_that_it_makes_no_sense_is_not_asked_for_five_times(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    async with interposed(shop.carrier_url, at(BOOK, Says(422, {"message": "no such street"}))) as carrier:
        environment.setenv("COMMERCE_CARRIER_URL", carrier.url)
        async with running(saga_app(), relay_app(), payments_app(), shipping_app()):
            order = await shop.place()
            assert await shop.ended(order) == "ordering.OrderRejected shipping_unavailable"
    assert carrier.calls(BOOK) == 1
    assert await shop.money(order) == LET_GO


async def _row(shop: Shop, order: object) -> ProcessRow | None:
    row: ProcessRow | None = None
    for recorded in await shop.store.read_stream(ids.process_id(order)):  # type: ignore[arg-type]
        row = fold(row, recorded)
    return row


async def _told(shop: Shop, order: object, what: str) -> bool:
    row = await _row(shop, order)
    return row is not None and what in (process_view(row).waiting_for or "")


async def _case(shop: Shop, order: object, detail: str) -> bool:
    row = await _row(shop, order)
    return row is not None and row.state.case == detail
