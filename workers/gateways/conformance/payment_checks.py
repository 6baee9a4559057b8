"""What a payment provider must do: each function is one rule of the protocol, asked of its test system."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import uuid4

from commerce.outside.party import RequestOnRecord
from commerce.payments.ports import ActionRequired, Authorized, Declined, PaymentAtProvider
from commerce.values.money import Money
from workers.gateways.conformance import credential
from workers.gateways.conformance.check_run import CheckList
from workers.gateways.conformance.exchange import Mismatch, NotOffered, answer, one_at_once
from workers.gateways.conformance.moved_things import listed
from workers.gateways.conformance.party_desk import forbidden, not_done
from workers.gateways.conformance.payment_desk import HeldMoney, PaymentDesk

_UNKNOWN = "auth_that_is_not"
_FIRST_AGAIN = "the first answer again, and nothing moved"
PAYMENT_CHECKS: CheckList[PaymentDesk] = CheckList()

PAYMENT_CHECKS.check("credential", credential.RULE)(credential.is_asked_for)


@PAYMENT_CHECKS.check("authorize", "money is set aside; the answer names amount, currency and authorisation")
async def _authorize(desk: PaymentDesk) -> None:
    await desk.hold()


@PAYMENT_CHECKS.check("capture", "all that is set aside is taken")
async def _capture(desk: PaymentDesk) -> None:
    await desk.paid()


@PAYMENT_CHECKS.check("capture-part", "less is taken than was set aside, and no more than that can be given back")
async def _capture_part(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.take(held, desk.part)
    await forbidden(lambda: desk.refund(uuid4(), held.authorization_id, desk.price), "amount_too_large")


@PAYMENT_CHECKS.check("void", "what is set aside is let go")
async def _void(desk: PaymentDesk) -> None:
    await desk.let_go(await desk.hold())


@PAYMENT_CHECKS.check("refund", "what was taken is given back in two parts")
async def _refund(desk: PaymentDesk) -> None:
    held = await desk.paid()
    await desk.give_back(held, desk.part)
    await desk.give_back(held, desk.price - desk.part)


@PAYMENT_CHECKS.check("equal-refunds", "two equal refunds under different keys are two")
async def _equal_refunds(desk: PaymentDesk) -> None:
    held = await desk.paid()
    first, second = await desk.give_back(held, desk.part), await desk.give_back(held, desk.part)
    if first.refund_id == second.refund_id:
        raise Mismatch("two refunds, each with a refund_id of its own")
    await forbidden(lambda: desk.refund(uuid4(), held.authorization_id, desk.price), "amount_too_large")


@PAYMENT_CHECKS.check("decline", "a payment method is declined, and declined again under the same key")
async def _decline(desk: PaymentDesk) -> None:
    right = "402, or 2xx with status declined; --declined-method names a payment method that is always declined"
    key, order_id = uuid4(), uuid4()
    for _ in range(2):
        outcome = await answer(
            lambda: desk.authorize(key, order_id, desk.price, desk.terms.declined_method), Declined, right
        )
        if outcome.reason == "unknown_payment_method":
            raise Mismatch(right)


@PAYMENT_CHECKS.check("action", "what waits for its customer holds nothing, and ends when it is let go (optional)")
async def _action(desk: PaymentDesk) -> None:
    right = "2xx with status action_required, authorization_id, amount, currency, redirect_url"
    held = HeldMoney(uuid4(), uuid4(), "")
    method = desk.terms.action_method
    waits = await answer(lambda: desk.authorize(held.key, held.order_id, desk.price, method), object, right)
    if waits == Declined("unknown_payment_method"):
        raise NotOffered("it has no payment method that its customer has to confirm; --action-method names one")
    if not isinstance(waits, ActionRequired) or waits.amount != desk.price:
        raise Mismatch(right)
    await desk.found(held.key, waits)
    await desk.let_go(replace(held, authorization_id=waits.authorization_id))
    ended = "200 with status voided, authorization_id, amount, currency"
    request = RequestOnRecord(held.key, "authorize", waits.authorization_id)
    await answer(lambda: desk.find_operation(request), Declined, ended)


@PAYMENT_CHECKS.check("unknown-method", "an unknown payment method is declined")
async def _unknown_method(desk: PaymentDesk) -> None:
    method = f"pm_that_is_not_{uuid4().hex}"
    right = '402, or 4xx with "code": "unknown_payment_method"'
    await answer(lambda: desk.authorize(uuid4(), uuid4(), desk.price, method), Declined, right)


@PAYMENT_CHECKS.check("unknown-capture", "an unknown authorisation is not captured")
async def _unknown_capture(desk: PaymentDesk) -> None:
    await forbidden(lambda: desk.capture(uuid4(), _UNKNOWN, desk.price), "authorization_not_found")


@PAYMENT_CHECKS.check("unknown-void", "an unknown authorisation is not voided")
async def _unknown_void(desk: PaymentDesk) -> None:
    await forbidden(lambda: desk.void(uuid4(), _UNKNOWN), "authorization_not_found")


@PAYMENT_CHECKS.check("unknown-refund", "an unknown authorisation is not refunded")
async def _unknown_refund(desk: PaymentDesk) -> None:
    await forbidden(lambda: desk.refund(uuid4(), _UNKNOWN, desk.price), "authorization_not_found")


@PAYMENT_CHECKS.check("capture-too-much", "no more is taken than was set aside")
async def _capture_too_much(desk: PaymentDesk) -> None:
    held = await desk.hold()
    more = desk.price + desk.least
    await forbidden(lambda: desk.capture(uuid4(), held.authorization_id, more), "amount_too_large")


@PAYMENT_CHECKS.check("capture-twice", "money is taken once, whatever the keys")
async def _capture_twice(desk: PaymentDesk) -> None:
    held = await desk.paid()
    await forbidden(lambda: desk.capture(uuid4(), held.authorization_id, desk.price), "already_captured")


@PAYMENT_CHECKS.check("capture-after-void", "what was let go is not taken")
async def _capture_after_void(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.let_go(held)
    await forbidden(lambda: desk.capture(uuid4(), held.authorization_id, desk.price), "already_voided")


@PAYMENT_CHECKS.check("void-after-capture", "what was taken is not let go")
async def _void_after_capture(desk: PaymentDesk) -> None:
    held = await desk.paid()
    await forbidden(lambda: desk.void(uuid4(), held.authorization_id), "already_captured")


@PAYMENT_CHECKS.check("void-twice", "what was let go is not let go again under another key")
async def _void_twice(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.let_go(held)
    await forbidden(lambda: desk.void(uuid4(), held.authorization_id), "already_voided")


@PAYMENT_CHECKS.check("refund-before-capture", "what was not taken is not given back")
async def _refund_before_capture(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await forbidden(lambda: desk.refund(uuid4(), held.authorization_id, desk.price), "not_captured")


@PAYMENT_CHECKS.check("refund-too-much", "no more is given back than was taken")
async def _refund_too_much(desk: PaymentDesk) -> None:
    held = await desk.paid()
    await desk.give_back(held, desk.part)
    await forbidden(lambda: desk.refund(uuid4(), held.authorization_id, desk.price), "amount_too_large")


@PAYMENT_CHECKS.check("other-currency", "money is not taken in another currency; afterwards it is taken in its own")
async def _other_currency(desk: PaymentDesk) -> None:
    held = await desk.hold()
    other = Money.of(5, "USD" if desk.terms.currency != "USD" else "EUR")
    await not_done(
        lambda: desk.capture(uuid4(), held.authorization_id, other), f"the money set aside is not in {other.currency}"
    )
    await desk.take(held)


@PAYMENT_CHECKS.check("malformed-amount", "an amount that is none is rejected")
async def _malformed_amount(desk: PaymentDesk) -> None:
    too_fine = f"{desk.least.amount}1" if desk.least.amount < 1 else "1.1"
    for amount in ("ten", "-1", too_fine, None):
        await _rejected_authorization(desk, "this is no amount", amount=amount)


@PAYMENT_CHECKS.check("unknown-currency", "a currency that is none is rejected")
async def _unknown_currency(desk: PaymentDesk) -> None:
    await _rejected_authorization(desk, "this is no currency", currency="XXX")


async def _rejected_authorization(desk: PaymentDesk, why: str, **wrong: str | None) -> None:
    known = {"order_id": str(uuid4()), "amount": "1", "currency": desk.terms.currency}
    body = {**known, "payment_method": desk.terms.payment_method, **wrong}
    await not_done(lambda: desk.posted("/v1/authorizations", body), why)


@PAYMENT_CHECKS.check("same-key-authorize", "the same authorisation under the same key is one")
async def _same_authorize(desk: PaymentDesk) -> None:
    await _stands(desk, await desk.hold())


async def _stands(desk: PaymentDesk, held: HeldMoney) -> None:
    if await desk.hold(held.key, held.order_id) != held:
        raise Mismatch(f"{_FIRST_AGAIN}: authorization_id {held.authorization_id}")


@PAYMENT_CHECKS.check("same-key-capture", "the same capture under the same key is one")
async def _same_capture(desk: PaymentDesk) -> None:
    held, key = await desk.hold(), uuid4()
    await desk.take(held, key=key)
    await desk.take(held, key=key)
    await desk.give_back(held, desk.price)
    await forbidden(lambda: desk.refund(uuid4(), held.authorization_id, desk.least), "amount_too_large")


@PAYMENT_CHECKS.check("same-key-void", "the same void under the same key is one")
async def _same_void(desk: PaymentDesk) -> None:
    held, key = await desk.hold(), uuid4()
    await desk.let_go(held, key)
    await desk.let_go(held, key)


@PAYMENT_CHECKS.check("same-key-refund", "the same refund under the same key is one, and gives back once")
async def _same_refund(desk: PaymentDesk) -> None:
    held, key = await desk.paid(), uuid4()
    first = await desk.give_back(held, desk.part, key)
    if await desk.give_back(held, desk.part, key) != first:
        raise Mismatch(f"{_FIRST_AGAIN}: refund_id {first.refund_id}")
    await desk.give_back(held, desk.price - desk.part)


@PAYMENT_CHECKS.check("same-key-other-body", "another request under the same key is rejected; the first one stands")
async def _other_body(desk: PaymentDesk) -> None:
    held = await desk.hold()
    other, method = desk.price + desk.least, desk.terms.payment_method
    await not_done(lambda: desk.authorize(held.key, held.order_id, other, method), "the key stands for another request")
    await _stands(desk, held)


@PAYMENT_CHECKS.check("at-once-authorize", "equal authorisations at the same time are one")
async def _authorize_at_once(desk: PaymentDesk) -> None:
    key, order_id = uuid4(), uuid4()
    await one_at_once(lambda: desk.hold(key, order_id), lambda held: held.authorization_id)


@PAYMENT_CHECKS.check("at-once-refund", "equal refunds at the same time are one")
async def _refund_at_once(desk: PaymentDesk) -> None:
    held, key = await desk.paid(), uuid4()
    await one_at_once(lambda: desk.give_back(held, desk.part, key), lambda back: back.refund_id)
    await desk.give_back(held, desk.price - desk.part)


@PAYMENT_CHECKS.check("find", "what was answered is found under its key: authorisation, capture, refund")
async def _find(desk: PaymentDesk) -> None:
    held, capture_key, refund_key = await desk.hold(), uuid4(), uuid4()
    await desk.found(held.key, Authorized(held.authorization_id, desk.price))
    await desk.found(capture_key, await desk.take(held, key=capture_key))
    await desk.found(refund_key, await desk.give_back(held, desk.part, refund_key))


@PAYMENT_CHECKS.check("find-void", "a void is found under its key")
async def _find_void(desk: PaymentDesk) -> None:
    held, key = await desk.hold(), uuid4()
    await desk.found(key, await desk.let_go(held, key))


@PAYMENT_CHECKS.check("find-nothing", "under a key that was never used, nothing is found")
async def _find_nothing(desk: PaymentDesk) -> None:
    await desk.found(uuid4(), None)


@PAYMENT_CHECKS.check("payment-methods", "the payment methods are named (optional)")
async def _methods(desk: PaymentDesk) -> None:
    named = await answer(desk.payment_methods, object, "200 with payment_methods, or 404 with a JSON object")
    if desk.caller.reply.status == 404:
        raise NotOffered("it does not name its payment methods")
    if not isinstance(named, frozenset) or desk.terms.payment_method not in named:
        raise Mismatch(
            f'200 with "payment_methods": 1 to 1000 names, each once, {desk.terms.payment_method} among them'
        )


@PAYMENT_CHECKS.check("ledger", "the ledger of an order shows one authorisation under one key (optional)")
async def _ledger(desk: PaymentDesk) -> None:
    held = await desk.hold()
    await desk.hold(held.key, held.order_id)
    right = f'200 with one "authorized" among "items" under the key {held.key}, or 404 with a JSON object'
    listed = await answer(lambda: desk.authorizations_under(held.key, held.order_id), tuple, right)
    if desk.caller.reply.status == 404:
        raise NotOffered("it shows no ledger")
    if listed != (Authorized(held.authorization_id, desk.price),):
        raise Mismatch(right)


@PAYMENT_CHECKS.check("listing", "what moved is listed as it stands: set aside, taken, given back (optional)")
async def _listing(desk: PaymentDesk) -> None:
    nothing = desk.price - desk.price
    held, paid = await desk.hold(), await desk.paid()
    await desk.give_back(paid, desk.part)
    wanted = (
        PaymentAtProvider(held.authorization_id, str(held.order_id), desk.price, nothing, nothing),
        PaymentAtProvider(paid.authorization_id, str(paid.order_id), nothing, desk.price, desk.part),
    )
    named = " and ".join(one.authorization_id for one in wanted)
    right = f"200 with {named} among the items of its pages, as they stand, or 404 with a JSON object"
    first = await answer(partial(desk.find_payment, held.authorization_id), object, right)
    since = first.moved_at if isinstance(first, PaymentAtProvider) else None
    await listed(desk.caller, desk.ledger, since, wanted, right)
