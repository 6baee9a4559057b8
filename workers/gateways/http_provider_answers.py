"""What the payment provider's answers say, as the operations of our protocol: outcomes, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from commerce.payments.disputes import Dispute
from commerce.payments.ports import (
    PROVIDER_OPERATIONS,
    ActionRequired,
    Authorized,
    Captured,
    CarriedPayment,
    Declined,
    PaymentAtProvider,
    PaymentOutcome,
    PaymentRejected,
    ProviderStatus,
    Refunded,
    UnclearPayment,
    Voided,
)
from commerce.values.errors import InvalidInput
from commerce.values.money import Money
from workers.gateways.dispute_answers import disputes_of
from workers.gateways.http_ledger import zoned_time
from workers.gateways.party_text import (
    LONGEST_DETAIL_CHARACTERS,
    cleaned_answer,
    code,
    other_operation,
    usable,
    web_address,
)

_DECLINED = frozenset({"declined", "refused", "failed"})
"""Other words for it, in an answer of 2xx."""

ACTION_REQUIRED = "action_required"
"""The status of an authorisation that holds nothing before its customer has acted."""

_SUMS = ("amount", "captured", "refunded")
"""Of an authorisation as it stands."""

PAYMENT_REJECTIONS = frozenset(
    {"authorization_not_found", "already_captured", "already_voided", "not_captured", "amount_too_large", "disputed"}
)


def payment_success(
    body: Mapping[str, object], operation: object = None, *, is_of_another: bool = False
) -> PaymentOutcome | None:
    """What an answer of 2xx says; None where it says nothing that we understand.

    `operation` is what it says that it is the outcome of, where it was asked what came of a key.
    """
    if any(one == body.get("status") for one in _DECLINED):
        return Declined(_reason_of(body), _carried(body, is_of_another))
    if body.get("status") == ACTION_REQUIRED:
        return _action(body, is_of_another)
    status = next((one for one in PROVIDER_OPERATIONS if one == body.get("status")), None)
    if status is None:
        return None
    carried = _carried(
        body, is_of_another, _missing(body, status) + other_operation(operation, PROVIDER_OPERATIONS, status)
    )
    id_, amount = carried.authorization_id, carried.amount
    if id_ is None or carried.unreadable or is_of_another:
        return UnclearPayment(status, carried)
    outcome: PaymentOutcome = UnclearPayment(status, carried)
    match status:
        case "authorized" if amount:
            outcome = Authorized(id_, amount, carried)
        case "captured" if amount:
            outcome = Captured(id_, amount, carried)
        case "voided":
            outcome = Voided(id_, carried)
        case "refunded" if amount:
            outcome = Refunded(_text(body.get("refund_id")), id_, amount, carried)
    return outcome


def authorization_now(body: Mapping[str, object], *, is_of_another: bool = False) -> PaymentOutcome | None:
    """What became of an authorisation that waited for its customer, by its state; None where that says nothing that we
    understand. One that was taken since was set aside first."""
    match body.get("status"):
        case "captured" | "refunded":
            body = {**body, "status": "authorized"}
        case "voided":
            return Declined("voided", _carried(body, is_of_another))
    return payment_success(body, is_of_another=is_of_another)


def payment_rejection(
    body: Mapping[str, object], http_status: int, *, is_of_another: bool = False
) -> PaymentOutcome | None:
    """What an answer of 4xx says; None where it does not say in words that we know that nothing moved."""
    carried, named = _carried(body, is_of_another), body.get("code")
    match named:
        case str() if http_status == 402 or named == "unknown_payment_method":
            return Declined(code(named, "declined"), carried)
        case str() if named in PAYMENT_REJECTIONS:
            return PaymentRejected(named, cleaned_answer(body.get("detail") or "", LONGEST_DETAIL_CHARACTERS), carried)
    return Declined("payment_required", carried) if http_status == 402 else None


def authorization_state(body: Mapping[str, object]) -> PaymentAtProvider | None:
    """An authorisation as it stands; None where it cannot be read."""
    unread: list[str] = []
    id_, order_id, currency = usable(body.get("authorization_id")), body.get("order_id"), body.get("currency")
    amount, captured, refunded = (_amount(body.get(name), currency, unread) for name in _SUMS)
    if id_ is None or amount is None or captured is None or refunded is None:
        return None
    held = amount if body.get("status") == "authorized" else amount - amount
    disputes = _disputes(body.get("disputes", []))
    if disputes is None:
        return None
    order = None if order_id is None else cleaned_answer(order_id)
    return PaymentAtProvider(id_, order, held, captured, refunded, zoned_time(body.get("moved_at")), disputes)


def _disputes(said: object) -> tuple[Dispute, ...] | None:
    listed = said if isinstance(said, list) else []
    named = [(one.get("amount"), one.get("currency")) if isinstance(one, Mapping) else (None, None) for one in listed]
    return disputes_of(said, [_amount(*each, []) for each in named])


def declined(outcome: PaymentOutcome) -> PaymentOutcome:
    """To set money aside has two outcomes: that the provider's rules forbid it is a rejection like any other."""
    return Declined(outcome.reason, outcome.carried) if isinstance(outcome, PaymentRejected) else outcome


def rejected(outcome: PaymentOutcome) -> PaymentOutcome:
    """A card that is declined when money is to be taken, let go or given back: nothing moved, and that is known."""
    return PaymentRejected(outcome.reason, "declined", outcome.carried) if isinstance(outcome, Declined) else outcome


def _action(body: Mapping[str, object], is_of_another: bool) -> PaymentOutcome | None:
    """Nobody can act on an answer that leaves out what belongs to it."""
    carried, url = _carried(body, is_of_another), web_address(body.get("redirect_url"))
    if url is None or carried.authorization_id is None or carried.amount is None:
        return None
    return ActionRequired(carried.authorization_id, carried.amount, url, carried)


def _reason_of(body: Mapping[str, object]) -> str:
    """Why it was declined, where the answer says that."""
    named = (body.get(name) for name in ("code", "reason", "decline_reason"))
    return next((reason for each in named if (reason := code(each, ""))), "declined")


def _missing(body: Mapping[str, object], status: ProviderStatus) -> tuple[str, ...]:
    """A void need not say how much was let go."""
    names = ["authorization_id"] if status == "voided" else ["authorization_id", "amount", "currency"]
    missing = [name for name in names if body.get(name) is None]
    if status == "refunded" and not _text(body.get("refund_id")):
        missing.append("refund_id")
    return tuple(f"without naming its {name}" for name in missing)


def _text(said: object) -> str:
    return "" if said is None else cleaned_answer(said)


def _carried(body: Mapping[str, object], is_of_another: bool, unreadable: tuple[str, ...] = ()) -> CarriedPayment:
    found = list(unreadable)
    id_, order_id = body.get("authorization_id"), body.get("order_id")
    if id_ is not None and usable(id_) is None:
        found.append(f"under an id that cannot be used ({cleaned_answer(id_, 40)!r})")
    amount = _amount(body.get("amount"), body.get("currency"), found)
    return CarriedPayment(
        order_id=None if order_id is None else cleaned_answer(order_id),
        authorization_id=usable(id_),
        amount=amount,
        held_until=zoned_time(body.get("held_until")),
        unreadable=tuple(found),
        is_of_another=is_of_another,
    )


def _amount(amount: object, currency: object, unreadable: list[str]) -> Money | None:
    """Money as JSON has it: a text or a number, and a currency, of which lower case says the same (89.0, "89.00"
    and "eur")."""
    if amount is None or currency is None:
        return None
    if isinstance(amount, str | int | Decimal) and not isinstance(amount, bool) and isinstance(currency, str):
        try:
            return Money.of(amount, currency.upper() if currency.isascii() else currency)
        except (InvalidInput, ArithmeticError):  # the latter for exponents beyond all bounds
            pass
    told = f"{cleaned_answer(amount, 40)} {cleaned_answer(currency, 40)}"
    unreadable.append(f"with an amount that cannot be read ({told!r})")
    return None
