"""Compares the payment provider's answer with the request: amount, currency, order, authorisation and
operation. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from commerce.payments.events import PaymentAnswerDiffered
from commerce.payments.payment import Payment, PaymentOperation
from commerce.payments.ports import (
    PROVIDER_OPERATIONS,
    ActionRequired,
    Authorized,
    Captured,
    CarriedPayment,
    Declined,
    OpenedAuthorization,
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
    request_id: UUID
    authorization_id: str | None
    amount: Money | None


def asked_of(payment: Payment, operation: PaymentOperation) -> AskedPayment:
    """What the last attempt of an operation asked for."""
    attempt = payment.attempted[operation]
    id_ = payment.opened_id if operation is PaymentOperation.AUTHORIZE else payment.party_id
    amount = payment.authorized if operation is PaymentOperation.VOID else attempt.amount
    return AskedPayment(operation, payment.order_id, attempt.request_id, id_, amount)


def payment_difference(asked: AskedPayment, outcome: PaymentOutcome | None) -> PaymentAnswerDiffered | None:
    """How an answer differs from what was asked; None where it does not, or where there is none.

    What belongs to another order, or may, is not taken for this one's.
    """
    if outcome is None:
        return None
    carried, (status, did, id_, amount) = outcome.carried, _answer(outcome)
    is_other_operation = status is not None and PROVIDER_OPERATIONS[status] != asked.operation
    has_done = status is not None or isinstance(outcome, OpenedAuthorization | ActionRequired)
    is_other_amount = has_done and None not in (amount, asked.amount) and amount != asked.amount
    elsewhere = _elsewhere(asked, carried, id_)
    is_unclear = carried.is_of_another or isinstance(outcome, UnclearPayment)
    if not (is_other_operation or is_other_amount or elsewhere or is_unclear):
        return None
    money = str(asked.amount) if asked.amount else "the money"
    to_do = _TO_DO[asked.operation].format(money=money) if status is None or is_other_operation else money
    wrong = [*(carried.unreadable if has_done else ()), *(f"{word} {said}" for word, said, _ in elsewhere)]
    is_ours = not (elsewhere or carried.is_of_another)
    return PaymentAnswerDiffered(
        order_id=asked.order_id,
        request_id=asked.request_id,
        operation=asked.operation.value,
        asked=" ".join([to_do, *(f"{word} {wanted}" for word, _, wanted in elsewhere)]),
        answered=" ".join([did, *wrong, *(["for another request"] if carried.is_of_another else [])]),
        status=status if is_ours else None,
        authorization_id=id_ if is_ours and asked.operation is PaymentOperation.AUTHORIZE else None,
        amount=amount if is_ours and amount is not None and amount.amount > 0 else None,
    )


def _answer(outcome: PaymentOutcome) -> tuple[ProviderStatus | None, str, str | None, Money | None]:
    """What the provider says that it did, as a status and in words, under which authorisation and with how much; no
    status where no money moved."""
    id_, amount = outcome.carried.authorization_id, outcome.carried.amount
    match outcome:
        case Declined(reason) | PaymentRejected(reason):
            return None, f"rejected ({reason})", id_, amount
        case OpenedAuthorization(id_, amount):
            return None, f"opened an authorisation of {amount}", id_, amount
        case ActionRequired(id_, amount):
            return None, f"wants the customer to act for {amount}", id_, amount
        case UnclearPayment(status):
            pass
        case Voided(id_):
            status = "voided"
        case Authorized() | Captured() | Refunded():
            status, id_, amount = _STATUS[type(outcome)], outcome.authorization_id, outcome.amount
    return status, _DID[status].format(money=amount or "money"), id_, amount


def _elsewhere(
    asked: AskedPayment, carried: CarriedPayment, authorization_id: str | None
) -> list[tuple[str, str | None, object]]:
    """What says that an answer is about something else, as a word, what the answer names, and what was asked."""
    is_other_id = asked.authorization_id is not None and authorization_id not in (None, asked.authorization_id)
    pairs = [
        ("for order", carried.order_id, asked.order_id, carried.is_of_another_order(asked.order_id)),
        ("under", authorization_id, asked.authorization_id, is_other_id),
    ]
    return [(word, said, wanted) for word, said, wanted, differs in pairs if differs]
