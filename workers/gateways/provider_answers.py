"""What the payment provider's answers say, as the operations of our protocol: outcomes, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from commerce.values.errors import InvalidInput
from commerce.values.money import Money
from workers.gateways.text import LONGEST_DETAIL_CHARACTERS, cleaned_answer, code, usable

Status = Literal["authorized", "captured", "voided", "refunded"]
"""What the provider can say that it did."""

OPERATIONS: dict[Status, str] = {
    "authorized": "authorize",
    "captured": "capture",
    "voided": "void",
    "refunded": "refund",
}
"""What it was asked by whoever reads that it did so."""


@dataclass(frozen=True, slots=True)
class CarriedPayment:
    """What an answer names, beyond what was done; None where it names nothing, or nothing that can be read."""

    order_id: str | None = None
    authorization_id: str | None = None
    amount: Money | None = None
    unreadable: tuple[str, ...] = ()
    """What is missing of it, or cannot be read or used, in words."""
    is_of_another: bool = False
    """Whether it says itself that it is about another request than was asked about."""


@dataclass(frozen=True, slots=True)
class Authorized:
    """The money is set aside."""

    authorization_id: str
    amount: Money
    carried: CarriedPayment = field(default=CarriedPayment(), compare=False)


@dataclass(frozen=True, slots=True)
class Declined:
    """The money is not set aside, or not taken, and will not be; `reason` is the provider's code, such as
    `card_declined`."""

    reason: str
    carried: CarriedPayment = field(default=CarriedPayment(), compare=False)


@dataclass(frozen=True, slots=True)
class Captured:
    """The money is taken."""

    authorization_id: str
    amount: Money
    carried: CarriedPayment = field(default=CarriedPayment(), compare=False)


@dataclass(frozen=True, slots=True)
class Voided:
    """The money that was set aside is let go."""

    authorization_id: str
    carried: CarriedPayment = field(default=CarriedPayment(), compare=False)


@dataclass(frozen=True, slots=True)
class Refunded:
    """The money is given back."""

    refund_id: str
    authorization_id: str
    amount: Money
    carried: CarriedPayment = field(default=CarriedPayment(), compare=False)


@dataclass(frozen=True, slots=True)
class PaymentRejected:
    """The provider's rules forbid it and nothing moved; `reason` is its code, such as `already_voided`."""

    reason: str
    detail: str
    carried: CarriedPayment = field(default=CarriedPayment(), compare=False)


@dataclass(frozen=True, slots=True)
class UnclearPayment:
    """The provider says that it did something, and leaves out or garbles what belongs to that."""

    status: Status
    carried: CarriedPayment


Outcome = Authorized | Declined | Captured | Voided | Refunded | PaymentRejected | UnclearPayment
"""What can have happened under an idempotency key."""

_DECLINED = frozenset({"declined", "refused", "failed"})
"""Other words for it, in an answer of 2xx."""

PAYMENT_REJECTIONS = frozenset(
    {"authorization_not_found", "already_captured", "already_voided", "not_captured", "amount_too_large"}
)


def payment_success(
    body: Mapping[str, object], operation: object = None, *, is_of_another: bool = False
) -> Outcome | None:
    """What an answer of 2xx says; None where it says nothing that we understand.

    `operation` is what it says that it is the outcome of, where it was asked what came of a key.
    """
    if any(one == body.get("status") for one in _DECLINED):
        return Declined(_reason_of(body), _carried(body, is_of_another))
    status = next((one for one in OPERATIONS if one == body.get("status")), None)
    if status is None:
        return None
    carried = _carried(body, is_of_another, _missing(body, status) + _other_operation(status, operation))
    id_, amount = carried.authorization_id, carried.amount
    if id_ is None or carried.unreadable or is_of_another:
        return UnclearPayment(status, carried)
    outcome: Outcome = UnclearPayment(status, carried)
    match status:
        case "authorized" if amount:
            outcome = Authorized(id_, amount, carried)
        case "captured" if amount:
            outcome = Captured(id_, amount, carried)
        case "voided":
            outcome = Voided(id_, carried)
        case "refunded" if amount:
            outcome = Refunded(cleaned_answer(body.get("refund_id")), id_, amount, carried)
    return outcome


def payment_rejection(body: Mapping[str, object], http_status: int, *, is_of_another: bool = False) -> Outcome | None:
    """What an answer of 4xx says; None where it does not say in words that we know that nothing moved."""
    carried, named = _carried(body, is_of_another), body.get("code")
    match named:
        case str() if http_status == 402 or named == "unknown_payment_method":
            return Declined(code(named, "declined"), carried)
        case str() if named in PAYMENT_REJECTIONS:
            return PaymentRejected(named, cleaned_answer(body.get("detail", ""), LONGEST_DETAIL_CHARACTERS), carried)
    return Declined("payment_required", carried) if http_status == 402 else None


def declined(outcome: Outcome) -> Outcome:
    """To set money aside has two outcomes: that the provider's rules forbid it is a rejection like any other."""
    return Declined(outcome.reason, outcome.carried) if isinstance(outcome, PaymentRejected) else outcome


def rejected(outcome: Outcome) -> Outcome:
    """A card that is declined when money is to be taken, let go or given back: nothing moved, and that is known."""
    return PaymentRejected(outcome.reason, "declined", outcome.carried) if isinstance(outcome, Declined) else outcome


def _reason_of(body: Mapping[str, object]) -> str:
    """Why it was declined, where the answer says that."""
    named = (body.get(name) for name in ("code", "reason", "decline_reason"))
    return next((reason for each in named if (reason := code(each, ""))), "declined")


def _missing(body: Mapping[str, object], status: Status) -> tuple[str, ...]:
    """A void need not say how much was let go."""
    names = ["authorization_id"] if status == "voided" else ["authorization_id", "amount", "currency"]
    return tuple(f"without naming its {name}" for name in names if body.get(name) is None)


def _other_operation(status: Status, operation: object) -> tuple[str, ...]:
    named = operation.split(" ")[0] if isinstance(operation, str) else None
    is_other = named in OPERATIONS.values() and named != OPERATIONS[status]
    return (f"as the outcome of another operation ({named})",) if is_other else ()


def _carried(body: Mapping[str, object], is_of_another: bool, unreadable: tuple[str, ...] = ()) -> CarriedPayment:
    found = list(unreadable)
    id_, order_id = body.get("authorization_id"), body.get("order_id")
    if id_ is not None and usable(id_) is None:
        found.append(f"under an id that cannot be used ({cleaned_answer(id_, 40)!r})")
    amount = _amount(body.get("amount"), body.get("currency"), found)
    named = None if order_id is None else cleaned_answer(order_id)
    return CarriedPayment(named, usable(id_), amount, tuple(found), is_of_another)


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
