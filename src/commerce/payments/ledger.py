"""How an authorisation at the provider differs from the payment that is on record. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from commerce.outside.ledger import DifferenceKind, LedgerDifference
from commerce.payments.disputes import disputes_told
from commerce.payments.payment import Payment, PaymentStatus
from commerce.payments.ports import PaymentAtProvider
from commerce.values.money import Money

_HOLDS = frozenset(
    {PaymentStatus.ACTION_REQUIRED, PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURING, PaymentStatus.VOIDING}
)
"""Where money may be held at the provider without a difference; a customer may have confirmed just now."""

Found = tuple[DifferenceKind, str]


def payment_ledger_difference(
    payment: Payment | None, authorization_id: str, found: PaymentAtProvider | None, *, is_over: bool
) -> LedgerDifference | None:
    """What differs about one authorisation; None where the two ledgers agree.

    `found` is the authorisation as the provider shows it, None where it knows none. `is_over` says that the order has
    ended unfulfilled.
    """
    if payment is None or authorization_id not in (payment.authorization_id, payment.opened_id):
        return _not_on_record(payment, authorization_id, found)
    if found is None:
        return _unknown_there(payment, authorization_id)
    moved = _of_currency(payment, found) or _of_sums(payment, found, is_over=is_over)
    differences = [*moved, *_of_disputes(payment, found)]
    if not differences:
        return None
    told = "; ".join(words for _, words in differences)
    detail = f"authorisation {authorization_id}: {told}"
    return LedgerDifference(differences[0][0], authorization_id, detail, _largest(payment, found))


def payment_without_order(found: PaymentAtProvider) -> LedgerDifference | None:
    """The difference about an authorisation that names no order of ours."""
    if not (net := _net(found)):
        return None
    id_ = found.authorization_id
    detail = f"authorisation {id_}: the payment provider {_holds(found)}, and it is no order's of ours"
    return LedgerDifference("no_order", id_, detail, net)


def _not_on_record(
    payment: Payment | None, authorization_id: str, found: PaymentAtProvider | None
) -> LedgerDifference | None:
    if found is None or not (net := _net(found)):
        return None
    if payment is not None and authorization_id in payment.seconds and not found.captured:
        return None  # it is looked after already
    is_second = payment is not None and payment.captured is not None
    kind: DifferenceKind = "held_there"
    if found.captured:
        kind = "captured_twice" if is_second else "captured_there"
    beside = f" beside the {payment.captured} that were taken" if payment is not None and is_second else ""
    detail = f"authorisation {authorization_id}: the payment provider {_holds(found)}{beside}, and it is not on record"
    return LedgerDifference(kind, authorization_id, detail, net)


def _unknown_there(payment: Payment, authorization_id: str) -> LedgerDifference | None:
    kept = payment.remaining if payment.captured is not None else None
    if kept is None and payment.status is PaymentStatus.AUTHORIZED:
        kept = payment.authorized
    if not kept:
        return None
    what = "taken" if payment.captured is not None else "set aside"
    detail = f"authorisation {authorization_id}: {kept} are on record as {what}, and the payment provider knows of none"
    return LedgerDifference("unknown_there", authorization_id, detail, kept)


def _of_currency(payment: Payment, found: PaymentAtProvider) -> list[Found]:
    """Sums of different currencies cannot be compared further."""
    ours = payment.captured or payment.authorized
    theirs = next((one for one in (found.captured, found.held) if one), None)
    if ours is None or theirs is None or ours.currency == theirs.currency:
        return []
    return [("currency_differs", f"{theirs} at the payment provider, {ours} on record")]


def _of_sums(payment: Payment, found: PaymentAtProvider, *, is_over: bool) -> Iterator[Found]:
    nothing = found.captured - found.captured
    captured, refunded = payment.captured or nothing, payment.refunded or nothing
    if captured != found.captured:
        kind: DifferenceKind = "amount_differs"
        if not captured:
            kind = "captured_there"
        elif not found.captured:
            kind = "captured_here"
        yield kind, f"the payment provider took {found.captured}, {captured} on record"
    if refunded != found.refunded:
        is_more = refunded.currency != found.refunded.currency or refunded < found.refunded
        words = f"the payment provider gave {found.refunded} back, {refunded} on record"
        yield "refunded_more" if is_more else "refunded_less", words
    if payment.captured is None and not found.captured:
        yield from _of_hold(payment, found.held, is_over=is_over)


def _of_hold(payment: Payment, held: Money, *, is_over: bool) -> Iterator[Found]:
    if held and is_over:
        yield "never_undone", f"the payment provider still holds {held} for an order that has ended"
    elif held and payment.status not in _HOLDS:
        yield "held_there", f"the payment provider holds {held}, and nothing is on record as set aside"
    elif held and payment.authorized is not None and held != payment.authorized:
        yield "amount_differs", f"the payment provider holds {held}, {payment.authorized} on record"
    elif not held and payment.status is PaymentStatus.AUTHORIZED and not is_over:
        yield "hold_ended", f"the payment provider holds nothing any more, {payment.authorized} on record as set aside"


def _of_disputes(payment: Payment, found: PaymentAtProvider) -> Iterator[Found]:
    """One that is on record as over stays so, whatever the provider says: its answer may be an old one."""
    told = {one.dispute_id: one for one in found.disputes}
    for id_, one in told.items():
        if not disputes_told(payment.order_id, found.authorization_id, payment.disputes, [one]):
            continue
        known = payment.disputes.get(id_)
        is_ended = known is not None and one.status != "open"
        on_record = "not on record" if known is None else "open on record" if is_ended else "otherwise on record"
        words = f"the dispute {id_} of {one.amount} ({one.reason}) is {one.status} at the payment provider, {on_record}"
        yield "dispute_ended" if is_ended else "disputed_there", words
    for id_, known in payment.disputes.items():
        if known.status == "open" and id_ not in told:
            yield "unknown_there", f"the dispute {id_} is open on record, and the payment provider tells of none"


def _net(found: PaymentAtProvider) -> Money | None:
    """What the provider holds or has of it; None for nothing."""
    return found.held + found.captured - found.refunded or None


def _holds(found: PaymentAtProvider) -> str:
    told = [f"holds {found.held}" if found.held else "", f"took {found.captured}" if found.captured else ""]
    back = f" and gave {found.refunded} back" if found.refunded else ""
    return " and ".join(one for one in told if one) + back


def _largest(payment: Payment, found: PaymentAtProvider) -> Money | None:
    """As much as may be at stake."""
    return next((one for one in (found.captured, payment.captured, found.held, payment.authorized) if one), None)
