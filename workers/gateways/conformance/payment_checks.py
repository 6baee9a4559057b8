"""What a payment provider must do: each function is one rule of the protocol, asked of its test system."""

from __future__ import annotations

from collections.abc import Set
from uuid import uuid4

from commerce.payments.ports import Authorized, Declined
from commerce.values.money import Money
from workers.gateways.conformance import credential
from workers.gateways.conformance.check_run import ConformanceCheck
from workers.gateways.conformance.exchange import Mismatch, NotOffered, answer, at_once
from workers.gateways.conformance.payment_desk import PaymentDesk

_UNKNOWN = "auth_that_is_not"
_FIRST_AGAIN = "the first answer again, and nothing moved"


async def _authorize(desk: PaymentDesk) -> None:
    await desk.hold()


async def _capture(desk: PaymentDesk) -> None:
    await desk.take(await desk.hold())


async def _capture_part(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.take(held, desk.part)
    await desk.forbidden(lambda: desk.refund(uuid4(), held.authorization_id, desk.price), "amount_too_large")


async def _void(desk: PaymentDesk) -> None:
    await desk.let_go(await desk.hold())


async def _refund(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.take(held)
    await desk.give_back(held, desk.part)
    await desk.give_back(held, desk.price - desk.part)


async def _decline(desk: PaymentDesk) -> None:
    right = "402, or 2xx with status declined; --declined-method names a payment method that is always declined"
    key, order_id = uuid4(), uuid4()
    for _ in range(2):
        outcome = await answer(
            lambda: desk.authorize(key, order_id, desk.price, desk.terms.declined_method), Declined, right
        )
        if outcome.reason == "unknown_payment_method":
            raise Mismatch(right)


async def _unknown_method(desk: PaymentDesk) -> None:
    method = f"pm_that_is_not_{uuid4().hex}"
    right = '402, or 4xx with "code": "unknown_payment_method"'
    await answer(lambda: desk.authorize(uuid4(), uuid4(), desk.price, method), Declined, right)


async def _unknown_capture(desk: PaymentDesk) -> None:
    await desk.forbidden(lambda: desk.capture(uuid4(), _UNKNOWN, desk.price), "authorization_not_found")


async def _unknown_void(desk: PaymentDesk) -> None:
    await desk.forbidden(lambda: desk.void(uuid4(), _UNKNOWN), "authorization_not_found")


async def _unknown_refund(desk: PaymentDesk) -> None:
    await desk.forbidden(lambda: desk.refund(uuid4(), _UNKNOWN, desk.price), "authorization_not_found")


async def _capture_too_much(desk: PaymentDesk) -> None:
    held = await desk.hold()
    more = desk.price + desk.least
    await desk.forbidden(lambda: desk.capture(uuid4(), held.authorization_id, more), "amount_too_large")


async def _capture_twice(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.take(held)
    await desk.forbidden(lambda: desk.capture(uuid4(), held.authorization_id, desk.price), "already_captured")


async def _capture_after_void(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.let_go(held)
    await desk.forbidden(lambda: desk.capture(uuid4(), held.authorization_id, desk.price), "already_voided")


async def _void_after_capture(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.take(held)
    await desk.forbidden(lambda: desk.void(uuid4(), held.authorization_id), "already_captured")


async def _void_twice(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.let_go(held)
    await desk.forbidden(lambda: desk.void(uuid4(), held.authorization_id), "already_voided")


async def _refund_before_capture(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.forbidden(lambda: desk.refund(uuid4(), held.authorization_id, desk.price), "not_captured")


async def _refund_too_much(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.take(held)
    await desk.give_back(held, desk.part)
    await desk.forbidden(lambda: desk.refund(uuid4(), held.authorization_id, desk.price), "amount_too_large")


async def _other_currency(desk: PaymentDesk) -> None:
    held = await desk.hold()
    other = Money.of(5, "USD" if desk.terms.currency != "USD" else "EUR")
    await desk.not_done(
        lambda: desk.capture(uuid4(), held.authorization_id, other), f"the money set aside is not in {other.currency}"
    )
    await desk.take(held)


async def _malformed_amount(desk: PaymentDesk) -> None:
    too_fine = f"{desk.least.amount}1" if desk.least.amount < 1 else "1.1"
    for amount in ("ten", "-1", too_fine, None):
        await _rejected_authorization(desk, "this is no amount", amount=amount)


async def _unknown_currency(desk: PaymentDesk) -> None:
    await _rejected_authorization(desk, "this is no currency", currency="XXX")


async def _rejected_authorization(desk: PaymentDesk, why: str, **wrong: str | None) -> None:
    known = {"order_id": str(uuid4()), "amount": "1", "currency": desk.terms.currency}
    body = {**known, "payment_method": desk.terms.payment_method, **wrong}
    await desk.not_done(lambda: desk.posted("/v1/authorizations", body), why)


async def _same_authorize(desk: PaymentDesk) -> None:
    held = await desk.hold()
    if await desk.hold(held.key, held.order_id) != held:
        raise Mismatch(f"{_FIRST_AGAIN}: authorization_id {held.authorization_id}")


async def _same_capture(desk: PaymentDesk) -> None:
    held, key = await desk.hold(), uuid4()
    await desk.take(held, key=key)
    await desk.take(held, key=key)
    await desk.give_back(held, desk.price)
    await desk.forbidden(lambda: desk.refund(uuid4(), held.authorization_id, desk.least), "amount_too_large")


async def _same_void(desk: PaymentDesk) -> None:
    held, key = await desk.hold(), uuid4()
    await desk.let_go(held, key)
    await desk.let_go(held, key)


async def _same_refund(desk: PaymentDesk) -> None:
    held, key = await desk.hold(), uuid4()
    await desk.take(held)
    first = await desk.give_back(held, desk.part, key)
    if await desk.give_back(held, desk.part, key) != first:
        raise Mismatch(f"{_FIRST_AGAIN}: refund_id {first.refund_id}")
    await desk.give_back(held, desk.price - desk.part)


async def _other_body(desk: PaymentDesk) -> None:
    held = await desk.hold()
    other, method = desk.price + desk.least, desk.terms.payment_method
    await desk.not_done(
        lambda: desk.authorize(held.key, held.order_id, other, method), "the key stands for another request"
    )
    if await desk.hold(held.key, held.order_id) != held:
        raise Mismatch(f"{_FIRST_AGAIN}: authorization_id {held.authorization_id}")


async def _authorize_at_once(desk: PaymentDesk) -> None:
    key, order_id = uuid4(), uuid4()
    held = await at_once(lambda: desk.hold(key, order_id))
    _is_one({one.authorization_id for one in held})


async def _refund_at_once(desk: PaymentDesk) -> None:
    held, key = await desk.hold(), uuid4()
    await desk.take(held)
    back = await at_once(lambda: desk.give_back(held, desk.part, key))
    _is_one({one.refund_id for one in back})
    await desk.give_back(held, desk.price - desk.part)


def _is_one(ids: Set[str]) -> None:
    if len(ids) > 1:
        right = "one id under one key, also for calls at the same time (or 409 to the second until the first is done)"
        raise Mismatch(right, answered=" and ".join(sorted(ids)))


async def _find(desk: PaymentDesk) -> None:
    held, capture_key, refund_key = await desk.hold(), uuid4(), uuid4()
    await desk.found(held.key, Authorized(held.authorization_id, desk.price))
    await desk.found(capture_key, await desk.take(held, key=capture_key))
    await desk.found(refund_key, await desk.give_back(held, desk.part, refund_key))


async def _find_void(desk: PaymentDesk) -> None:
    held, key = await desk.hold(), uuid4()
    await desk.found(key, await desk.let_go(held, key))


async def _find_nothing(desk: PaymentDesk) -> None:
    await desk.found(uuid4(), None)


async def _credential_asked_for(desk: PaymentDesk) -> None:
    await credential.is_asked_for(desk.url)


async def _methods(desk: PaymentDesk) -> None:
    named = await answer(desk.payment_methods, object, "200 with payment_methods, or 404 with a JSON object")
    if desk.caller.reply.status == 404:
        raise NotOffered("it does not name its payment methods")
    if not isinstance(named, frozenset) or desk.terms.payment_method not in named:
        raise Mismatch(
            f'200 with "payment_methods": 1 to 1000 names, each once, {desk.terms.payment_method} among them'
        )


async def _ledger(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.hold(held.key, held.order_id)
    right = f'200 with one "authorized" among "items" under the key {held.key}, or 404 with a JSON object'
    listed = await answer(lambda: desk.authorizations_under(held.key, held.order_id), tuple, right)
    if desk.caller.reply.status == 404:
        raise NotOffered("it shows no ledger")
    if listed != (Authorized(held.authorization_id, desk.price),):
        raise Mismatch(right)


PAYMENT_CHECKS = (
    ConformanceCheck(
        "credential", "a call without the name and password is rejected with 401, 403 or 407", _credential_asked_for
    ),
    ConformanceCheck(
        "authorize", "money is set aside; the answer names amount, currency and authorisation", _authorize
    ),
    ConformanceCheck("capture", "all that is set aside is taken", _capture),
    ConformanceCheck(
        "capture-part", "less is taken than was set aside, and no more than that can be given back", _capture_part
    ),
    ConformanceCheck("void", "what is set aside is let go", _void),
    ConformanceCheck("refund", "what was taken is given back in two parts", _refund),
    ConformanceCheck("decline", "a payment method is declined, and declined again under the same key", _decline),
    ConformanceCheck("unknown-method", "an unknown payment method is declined", _unknown_method),
    ConformanceCheck("unknown-capture", "an unknown authorisation is not captured", _unknown_capture),
    ConformanceCheck("unknown-void", "an unknown authorisation is not voided", _unknown_void),
    ConformanceCheck("unknown-refund", "an unknown authorisation is not refunded", _unknown_refund),
    ConformanceCheck("capture-too-much", "no more is taken than was set aside", _capture_too_much),
    ConformanceCheck("capture-twice", "money is taken once, whatever the keys", _capture_twice),
    ConformanceCheck("capture-after-void", "what was let go is not taken", _capture_after_void),
    ConformanceCheck("void-after-capture", "what was taken is not let go", _void_after_capture),
    ConformanceCheck("void-twice", "what was let go is not let go again under another key", _void_twice),
    ConformanceCheck("refund-before-capture", "what was not taken is not given back", _refund_before_capture),
    ConformanceCheck("refund-too-much", "no more is given back than was taken", _refund_too_much),
    ConformanceCheck(
        "other-currency", "money is not taken in another currency; afterwards it is taken in its own", _other_currency
    ),
    ConformanceCheck("malformed-amount", "an amount that is none is rejected", _malformed_amount),
    ConformanceCheck("unknown-currency", "a currency that is none is rejected", _unknown_currency),
    ConformanceCheck("same-key-authorize", "the same authorisation under the same key is one", _same_authorize),
    ConformanceCheck("same-key-capture", "the same capture under the same key is one", _same_capture),
    ConformanceCheck("same-key-void", "the same void under the same key is one", _same_void),
    ConformanceCheck("same-key-refund", "the same refund under the same key is one, and gives back once", _same_refund),
    ConformanceCheck(
        "same-key-other-body", "another request under the same key is rejected; the first one stands", _other_body
    ),
    ConformanceCheck("at-once-authorize", "two equal authorisations at the same time are one", _authorize_at_once),
    ConformanceCheck("at-once-refund", "two equal refunds at the same time are one", _refund_at_once),
    ConformanceCheck("find", "what was answered is found under its key: authorisation, capture, refund", _find),
    ConformanceCheck("find-void", "a void is found under its key", _find_void),
    ConformanceCheck("find-nothing", "under a key that was never used, nothing is found", _find_nothing),
    ConformanceCheck("payment-methods", "the payment methods are named (optional)", _methods),
    ConformanceCheck("ledger", "the ledger of an order shows one authorisation under one key (optional)", _ledger),
)
