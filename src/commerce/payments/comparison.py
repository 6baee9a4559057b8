"""Compares what the payment provider says with what it was asked: amount, currency, order, authorisation and
operation. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from commerce.payments.difference import PaymentDifference
from commerce.payments.payment import Payment, PaymentOperation
from commerce.payments.ports import (
    PROVIDER_OPERATIONS,
    Authorized,
    Captured,
    Declined,
    PaymentOutcome,
    PaymentRejected,
    ProviderStatus,
    Refunded,
    UnclearPayment,
    Voided,
)
from commerce.values.money import Money

_DID: dict[ProviderStatus, str] = {
    "authorized": "set {money} aside",
    "captured": "took {money}",
    "voided": "let go of {money}",
    "refunded": "gave {money} back",
}
_TO_DO: dict[PaymentOperation, str] = {
    PaymentOperation.AUTHORIZE: "setting {money} aside",
    PaymentOperation.CAPTURE: "taking {money}",
    PaymentOperation.VOID: "letting go of {money}",
    PaymentOperation.REFUND: "giving {money} back",
}
_STATUS: dict[type[object], ProviderStatus] = {Authorized: "authorized", Captured: "captured", Refunded: "refunded"}


@dataclass(frozen=True, slots=True)
class AskedPayment:
    """What the provider was asked to do; the authorisation is the one it named before, the amount of a void what
    it holds."""

    operation: PaymentOperation
    order_id: UUID
    authorization_id: str | None
    amount: Money | None


def asked_of(payment: Payment, operation: PaymentOperation) -> AskedPayment:
    """What the last attempt of an operation asked for."""
    attempt = payment.attempted[operation]
    is_first = operation is PaymentOperation.AUTHORIZE
    amount = payment.authorized if operation is PaymentOperation.VOID else attempt.amount
    return AskedPayment(operation, payment.order_id, None if is_first else payment.authorization_id, amount)


def payment_difference(asked: AskedPayment, outcome: PaymentOutcome | None) -> PaymentDifference | None:
    """How an answer differs from what was asked; None where it does not, or where there is none."""
    if outcome is None:
        return None
    answer = _answer(outcome)
    wrong = _Wrong(
        status=answer.status is not None and PROVIDER_OPERATIONS[answer.status] != asked.operation,
        order=outcome.carried.is_of_another_order(asked.order_id),
        authorization=asked.authorization_id is not None
        and answer.authorization_id not in (None, asked.authorization_id),
        amount=answer.status is not None
        and None not in (answer.amount, asked.amount)
        and answer.amount != asked.amount,
        unclear=isinstance(outcome, UnclearPayment) or answer.is_of_another,
    )
    return _described(asked, answer, wrong) if wrong != _Wrong() else None


@dataclass(frozen=True, slots=True)
class _Answer:
    """An outcome, all kinds alike; `status` is None for a rejection."""

    status: ProviderStatus | None
    did: str
    order_id: str | None
    authorization_id: str | None
    amount: Money | None
    unreadable: tuple[str, ...]
    is_of_another: bool


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Which parts of an answer are not what was asked."""

    status: bool = False
    order: bool = False
    authorization: bool = False
    amount: bool = False
    unclear: bool = False


def _answer(outcome: PaymentOutcome) -> _Answer:
    carried = outcome.carried
    id_, amount = carried.authorization_id, carried.amount
    match outcome:
        case Declined(reason) | PaymentRejected(reason):
            return _Answer(None, f"refused ({reason})", carried.order_id, id_, amount, (), carried.is_of_another)
        case UnclearPayment(status):
            pass
        case Voided(id_):
            status = "voided"
        case Authorized() | Captured() | Refunded():
            status, id_, amount = _STATUS[type(outcome)], outcome.authorization_id, outcome.amount
    did = _DID[status].format(money=amount or "money")
    return _Answer(status, did, carried.order_id, id_, amount, carried.unreadable, carried.is_of_another)


def _described(asked: AskedPayment, answer: _Answer, wrong: _Wrong) -> PaymentDifference:
    """In words; what belongs to another order, or may, is not taken for this one's."""
    money = str(asked.amount) if asked.amount else "the money"
    wanted = [_TO_DO[asked.operation].format(money=money) if answer.status is None or wrong.status else money]
    did = [answer.did, *answer.unreadable]
    if wrong.order:
        wanted.append(f"for order {asked.order_id}")
        did.append(f"for order {answer.order_id}")
    if wrong.authorization:
        wanted.append(f"under {asked.authorization_id}")
        did.append(f"under {answer.authorization_id}")
    if answer.is_of_another:
        did.append("for another request")
    is_ours = not (wrong.order or wrong.authorization or answer.is_of_another)
    is_money = answer.amount is not None and answer.amount.amount > 0
    return PaymentDifference(
        operation=asked.operation.value,
        asked=" ".join(wanted),
        answered=" ".join(did),
        status=answer.status if is_ours else None,
        authorization_id=answer.authorization_id if is_ours and asked.operation is PaymentOperation.AUTHORIZE else None,
        amount=answer.amount if is_ours and is_money else None,
    )
