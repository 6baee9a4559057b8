"""In which ways it was tried to have the money of an order set aside, one after the other, and what the customer has to
do for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from commerce.eventstore import Event
from commerce.payments.events import (
    AuthorizationAttempted,
    PaymentActionFailed,
    PaymentActionRequired,
    PaymentAttemptRequested,
)
from commerce.values import ids


@dataclass(frozen=True, slots=True)
class CustomerAction:
    """What the customer has to do so that the payment provider sets the money aside."""

    until: datetime
    """Until when there is time for it."""
    redirect_url: str | None
    """Where the customer is to be sent; null where nothing came of that, and they may pay in another way."""
    failure: str | None = None
    """Why nothing came of it, in a word of the payment provider; null while it can be done."""


@dataclass(frozen=True, slots=True)
class Tries:
    """All tries of a payment; the first is the order's own way to pay."""

    number: int = 1
    """Of the last one that the provider was asked for."""
    payment_method: str | None = None
    """What it was to be paid with."""
    action: CustomerAction | None = None
    """What the customer had to do last."""
    chosen: str | None = None
    """What somebody wants to pay with instead, which was not tried yet."""
    asked: int = 1
    """The number of the last attempt that somebody asked for."""
    ended: frozenset[str] = frozenset()
    """The authorisations of earlier tries, which the provider let go of before they held anything."""

    def key(self, request_id: UUID) -> UUID:
        """The idempotency key of the last try: the request's id for the first, then one of its own for each."""
        return request_id if self.number == 1 else ids.request_id(request_id, f"try {self.number}")


def tries_after(tries: Tries, event: Event, *, is_over: bool, opened_id: str | None) -> Tries:
    """The tries after an event; before it, the last one was over or not, and had this authorisation opened."""
    match event:
        case AuthorizationAttempted(payment_method=method):
            number = tries.number + 1 if is_over else tries.number
            return replace(tries, number=number, payment_method=method, chosen=None)
        case PaymentActionRequired(until=until, redirect_url=url):
            return replace(tries, action=CustomerAction(until, url))
        case PaymentActionFailed(reason=reason, until=until):
            return replace(
                tries,
                action=CustomerAction(until, None, reason),
                ended=tries.ended.union([opened_id] if opened_id else []),
            )
        case PaymentAttemptRequested(number=asked, payment_method=chosen):
            return replace(tries, asked=asked, chosen=chosen or tries.chosen)
    return tries
