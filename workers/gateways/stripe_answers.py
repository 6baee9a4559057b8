"""What Stripe's PaymentIntents and refunds say, as outcomes, read strictly. Pure.

An intent is created with our order and request in its metadata, a refund with the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from commerce.payments.ports import (
    ActionRequired,
    Authorized,
    Captured,
    CarriedPayment,
    Declined,
    OpenedAuthorization,
    PaymentAtProvider,
    PaymentOutcome,
    PaymentRejected,
    ProviderStatus,
    Refunded,
    UnclearPayment,
    Voided,
)
from commerce.values.money import Money
from workers.gateways.party_text import cleaned_answer, code, usable, web_address
from workers.gateways.stripe_amounts import money_of

Shape = Mapping[str, object]
"""An object of Stripe's, as its JSON has it."""

ACTION_REQUIRED = "action_required"
"""The reason of a decline where the customer would have to do something that no redirect leads to."""

_YEAR_9999_S = 253_402_300_800
"""Seconds since 1970 until years have five digits."""

_REQUEST_ID, _ORDER_ID = "request_id", "order_id"
"""Names in the metadata."""


def metadata_of(key: UUID, order_id: UUID | None = None) -> dict[str, str]:
    """What an intent or a refund carries of ours."""
    return {_REQUEST_ID: str(key), **({} if order_id is None else {_ORDER_ID: str(order_id)})}


def is_for(found: Shape, key: UUID) -> bool:
    """Whether an intent or a refund was made for a request."""
    return _metadata(found).get(_REQUEST_ID) == str(key)


def opened_intent(intent: Shape) -> OpenedAuthorization | None:
    """The intent as an authorisation that holds nothing yet; None where it cannot be read."""
    carried = _carried(intent, "amount")
    if carried.authorization_id is None or carried.amount is None:
        return None
    return OpenedAuthorization(carried.authorization_id, carried.amount, carried)


def authorization_of(intent: Shape, key: UUID | None = None) -> PaymentOutcome | None:
    """What became of the confirmation; None while it did not happen, or nobody knows yet.

    Where the intent was asked for because of a request, `key` is that of the request.
    """
    match intent.get("status"):
        case "requires_capture":
            carried = replace(_carried(intent, "amount_capturable", key), held_until=_capture_before(intent))
            return _moved("authorized", carried, Authorized)
        case "succeeded":
            carried = _carried(intent, "amount", key)
            return _moved("authorized", carried, Authorized)
        case "requires_payment_method":
            return Declined(decline_reason(intent.get("last_payment_error")), _carried(intent, "amount", key))
        case "requires_action":
            carried = _carried(intent, "amount", key)
            return _action(intent, carried) or Declined(ACTION_REQUIRED, carried)
        case "canceled":
            return Declined("canceled", _carried(intent, "amount", key))
    return None


def confirmation_of(intent: Shape) -> PaymentOutcome | None:
    """As `authorization_of`, of the answer to the confirmation itself: there, money that is taken was taken at once."""
    return capture_of(intent) if intent.get("status") == "succeeded" else authorization_of(intent)


def capture_of(intent: Shape) -> PaymentOutcome | None:
    """What became of a capture; None where nothing was taken."""
    if intent.get("status") != "succeeded":
        return None
    return _moved("captured", _carried(intent, "amount_received"), Captured)


def void_of(intent: Shape) -> PaymentOutcome | None:
    """What became of a cancellation; None where the intent goes on."""
    if intent.get("status") != "canceled":
        return None
    carried = _carried(intent, None)
    id_ = carried.authorization_id
    return UnclearPayment("voided", carried) if id_ is None else Voided(id_, carried)


def refund_of(found: Shape) -> PaymentOutcome | None:
    """What became of a refund; None for a state that we do not know. One that Stripe has accepted and that is pending
    counts as given back."""
    match found.get("status"):
        case "succeeded" | "pending":
            carried, id_ = _carried_by_refund(found), usable(found.get("id"))
            if id_ is None or carried.authorization_id is None or carried.amount is None:
                return UnclearPayment("refunded", carried)
            return Refunded(id_, carried.authorization_id, carried.amount, carried)
        case "failed" | "canceled" | "requires_action" as status:
            reason = code(found.get("failure_reason"), f"refund_{status}")
            return PaymentRejected(reason, "", _carried_by_refund(found))
    return None


def intent_state(intent: Shape, refunded: Money | None, moved_at: datetime | None = None) -> PaymentAtProvider | None:
    """An intent as it stands, with what was given back of it; None where it cannot be read."""
    currency, id_ = intent.get("currency"), usable(intent.get("id"))
    names = ("amount_capturable", "amount_received")
    held, captured = (money_of(intent.get(name), currency) for name in names)
    if id_ is None or held is None or captured is None:
        return None
    return PaymentAtProvider(id_, order_named(intent), held, captured, refunded or captured - captured, moved_at)


def order_named(found: Shape) -> str | None:
    """The order that an intent, or its charge, names; None where it names none."""
    order_id = _metadata(found).get(_ORDER_ID)
    return None if order_id is None else cleaned_answer(order_id)


def why_forbidden(operation: str, intent: Shape, amount: Money | None, refunded: Money | None) -> str | None:
    """Why the state of an intent forbids what was asked, by the codes of our protocol; None where it does not."""
    status = intent.get("status")
    if operation == "refund":
        if status != "succeeded":
            return "not_captured"
        received = money_of(intent.get("amount_received"), intent.get("currency"))
        left = received - refunded if received and refunded else received
        return _too_large(amount, left)
    if status in ("canceled", "succeeded"):
        return "already_voided" if status == "canceled" else "already_captured"
    if operation == "capture":
        return _too_large(amount, money_of(intent.get("amount_capturable"), intent.get("currency")))
    return None


def decline_reason(error: object) -> str:
    """Stripe's word for why a card was declined: the bank's, where there is one."""
    if not isinstance(error, Mapping):
        return "declined"
    named = (error.get("decline_code"), error.get("code"))
    return next((reason for each in named if (reason := code(each, ""))), "declined")


def _action(intent: Shape, carried: CarriedPayment) -> ActionRequired | None:
    """Where the customer is to be sent; None where it is not by a redirect."""
    match intent.get("next_action"):
        case {"type": "redirect_to_url", "redirect_to_url": {"url": given}} if url := web_address(given):
            if carried.authorization_id is not None and carried.amount is not None:
                return ActionRequired(carried.authorization_id, carried.amount, url, carried)
    return None


def _capture_before(intent: Shape) -> datetime | None:
    """When Stripe lets go of what it holds, as the charge says it where that came along."""
    found: object = intent.get("latest_charge")
    for name in ("payment_method_details", "card", "capture_before"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return datetime.fromtimestamp(found, UTC) if type(found) is int and 0 < found < _YEAR_9999_S else None


def _too_large(amount: Money | None, limit: Money | None) -> str | None:
    if amount is None or limit is None or amount.currency != limit.currency:
        return None
    return "amount_too_large" if limit < amount else None


def _moved(
    status: ProviderStatus, carried: CarriedPayment, kind: type[Authorized] | type[Captured]
) -> Authorized | Captured | UnclearPayment:
    if carried.authorization_id is None or carried.amount is None or carried.is_of_another:
        return UnclearPayment(status, carried)
    return kind(carried.authorization_id, carried.amount, carried)


def _carried(intent: Shape, amount: str | None, key: UUID | None = None) -> CarriedPayment:
    """What an intent names; `amount` is the field that says how much was moved, of which a cancellation has none."""
    return _read(
        id_=intent.get("id"),
        amount=None if amount is None else (intent.get(amount), intent.get("currency")),
        order_id=_metadata(intent).get(_ORDER_ID),
        is_of_another=key is not None and not is_for(intent, key),
    )


def _metadata(found: Shape) -> Shape:
    metadata = found.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _carried_by_refund(found: Shape) -> CarriedPayment:
    return _read(id_=found.get("payment_intent"), amount=(found.get("amount"), found.get("currency")))


def _read(
    *, id_: object, amount: tuple[object, object] | None, order_id: object = None, is_of_another: bool = False
) -> CarriedPayment:
    unreadable = []
    if usable(id_) is None:
        unreadable.append(f"under an id that cannot be used ({cleaned_answer(id_, 40)!r})")
    money = None if amount is None else money_of(*amount)
    if amount is not None and money is None:
        told = " ".join(cleaned_answer(each, 40) for each in amount)
        unreadable.append(f"with an amount that cannot be read ({told!r})")
    return CarriedPayment(
        order_id=None if order_id is None else cleaned_answer(order_id),
        authorization_id=usable(id_),
        amount=money,
        unreadable=tuple(unreadable),
        is_of_another=is_of_another,
    )
