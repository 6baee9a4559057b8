"""The events of a payment (a stream per order): the schema of record.

`commerce.outside.events` holds the fields that the events of all calls have.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict

from commerce.eventstore import Event, Sealed
from commerce.outside.events import (
    AnswerDiffered,
    CallAttempted,
    CallPostponed,
    CallsBegunAnew,
    CallUnanswered,
    RequestEvent,
)
from commerce.values.dispute import DisputeOutcome
from commerce.values.money import Money
from commerce.values.value import Value


class AuthorizationAttempted(CallAttempted):
    """The provider is about to be asked, for the `attempt`-th time, to set money aside."""

    TOPIC: ClassVar[str] = "payments.AuthorizationAttempted"
    SENTENCE: ClassVar[str] = "Payment provider called to set {amount} aside on {payment_method} (attempt {attempt})"

    amount: Money
    payment_method: str


class AuthorizationOpened(RequestEvent):
    """The provider gave the authorisation its own `authorization_id`, before it is asked to set anything aside."""

    TOPIC: ClassVar[str] = "payments.AuthorizationOpened"
    SENTENCE: ClassVar[str] = "The payment provider opened an authorisation ({authorization_id}); no money is held yet"

    authorization_id: str


class PaymentCallUnanswered(CallUnanswered):
    """The provider gave no answer that tells whether it was done."""

    TOPIC: ClassVar[str] = "payments.CallUnanswered"
    SENTENCE: ClassVar[str] = "No outcome of attempt {attempt}: {detail}"


class PaymentCallPostponed(CallPostponed):
    """The provider answered that it does not do it now."""

    TOPIC: ClassVar[str] = "payments.CallPostponed"
    SENTENCE: ClassVar[str] = "Attempt {attempt} is put off: {detail}"


class PaymentAuthorized(RequestEvent):
    """The provider set the money aside, under its own `authorization_id`."""

    TOPIC: ClassVar[str] = "payments.Authorized"
    SENTENCE: ClassVar[str] = "The payment provider set {amount} aside ({authorization_id}){until}"
    class_version: ClassVar[int] = 2

    authorization_id: str
    amount: Money
    held_until: datetime | None = None
    """When the provider lets go of it by itself; None where it does not say."""

    @staticmethod
    def upcast_v1_v2(fields: dict[str, object]) -> None:
        """Nobody asked until when."""
        fields["held_until"] = None


class PaymentDeclined(RequestEvent):
    """The provider declined to set the money aside."""

    TOPIC: ClassVar[str] = "payments.Declined"
    SENTENCE: ClassVar[str] = "The payment provider declined: {decline_reason}"

    decline_reason: str


class PaymentActionRequired(RequestEvent):
    """The provider sets the money aside only once the customer has done something at `redirect_url`.

    Until then it holds nothing under `authorization_id`. The customer has time until `until`.
    """

    TOPIC: ClassVar[str] = "payments.ActionRequired"
    SENTENCE: ClassVar[str] = "The payment provider wants the customer to act ({authorization_id}), by {until}"

    authorization_id: str
    redirect_url: str
    until: datetime


class PaymentActionFailed(RequestEvent):
    """Nothing came of what the customer was to do, and what the provider had opened for it is ended: nothing can be set
    aside under it any more. The customer may pay in another way until `until`."""

    TOPIC: ClassVar[str] = "payments.ActionFailed"
    SENTENCE: ClassVar[str] = "No money is set aside this way: {reason}"

    reason: str
    until: datetime


class PaymentAttemptRequested(CallsBegunAnew):
    """Somebody wants the payment looked at again: with `payment_method`, by paying that way instead; without, because
    the customer has come back. `number` counts these from 2, as the first attempt is the order's own.

    `request_id` is the process's request for the authorisation.
    """

    TOPIC: ClassVar[str] = "payments.AttemptRequested"
    SENTENCE: ClassVar[str] = "{who} {asks} (attempt {number})"

    number: int
    payment_method: str | None


class PaymentOutcomeUnknown(RequestEvent):
    """After all attempts nobody knows whether the provider did it; only an undo, which asks first, may follow."""

    TOPIC: ClassVar[str] = "payments.OutcomeUnknown"
    SENTENCE: ClassVar[str] = "After {attempts} calls to {operation} nobody knows whether the payment provider did it"

    operation: Literal["authorize", "capture"]
    attempts: int


class PaymentAnswerDiffered(AnswerDiffered):
    """The provider's answer is about something else than what it was asked: no success, whatever it says.

    `asked` and `answered` say it for people. `status` is what it did by its own word, with the authorisation and the
    money that are surely this order's; None is what it did not say, or said of something else.
    """

    TOPIC: ClassVar[str] = "payments.AnswerDiffered"
    SENTENCE: ClassVar[str] = "The payment provider {answered} instead of {asked}"

    operation: Literal["authorize", "capture", "void", "refund"]
    status: Literal["authorized", "captured", "voided", "refunded"] | None
    authorization_id: str | None
    amount: Money | None


class SecondAuthorizationFound(RequestEvent):
    """The provider set money aside a second time for one request, under another `authorization_id` than is on
    record."""

    TOPIC: ClassVar[str] = "payments.SecondAuthorizationFound"
    SENTENCE: ClassVar[str] = "The payment provider set {amount} aside a second time ({authorization_id})"

    authorization_id: str
    amount: Money


class SecondAuthorizationVoided(RequestEvent):
    """The provider let go of what it had set aside a second time."""

    TOPIC: ClassVar[str] = "payments.SecondAuthorizationVoided"
    SENTENCE: ClassVar[str] = "The payment provider let go of what it had set aside a second time ({authorization_id})"

    authorization_id: str


class SecondAuthorizationKept(RequestEvent):
    """The provider does not let go of what it set aside a second time: a person has to look."""

    TOPIC: ClassVar[str] = "payments.SecondAuthorizationKept"
    SENTENCE: ClassVar[str] = "The payment provider does not let go of what it set aside a second time: {reason}"

    authorization_id: str
    reason: str


class CaptureAttempted(CallAttempted):
    """The provider is about to be asked, for the `attempt`-th time, to take the money."""

    TOPIC: ClassVar[str] = "payments.CaptureAttempted"
    SENTENCE: ClassVar[str] = "Payment provider called to take {amount} (attempt {attempt})"

    amount: Money


class PaymentCaptured(RequestEvent):
    """The provider took the money."""

    TOPIC: ClassVar[str] = "payments.Captured"
    SENTENCE: ClassVar[str] = "The payment provider took {amount}"

    amount: Money


class CaptureRefused(RequestEvent):
    """The provider declined to take the money: nothing was taken, and what is set aside still is."""

    TOPIC: ClassVar[str] = "payments.CaptureRefused"
    SENTENCE: ClassVar[str] = "The payment provider refused to take the money: {reason}"

    reason: str


class VoidAttempted(CallAttempted):
    """The provider is about to be asked, for the `attempt`-th time, to let go of money it set aside."""

    TOPIC: ClassVar[str] = "payments.VoidAttempted"
    SENTENCE: ClassVar[str] = "Payment provider called to let go of the money set aside (attempt {attempt})"


class PaymentVoided(RequestEvent):
    """The provider let go of the money it had set aside."""

    TOPIC: ClassVar[str] = "payments.Voided"
    SENTENCE: ClassVar[str] = "The payment provider let go of the money set aside"


class RefundAttempted(CallAttempted):
    """The provider is about to be asked, for the `attempt`-th time, to give money back."""

    TOPIC: ClassVar[str] = "payments.RefundAttempted"
    SENTENCE: ClassVar[str] = "Payment provider called to give {amount} back (attempt {attempt})"

    amount: Money


class PaymentRefunded(RequestEvent):
    """The provider gave money back."""

    TOPIC: ClassVar[str] = "payments.Refunded"
    SENTENCE: ClassVar[str] = "The payment provider gave {amount} back"

    amount: Money


class RefundLine(Value):
    """Pieces of one line of the order, and what was paid for them."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    line: int
    """The line's place in the order's `lines`: 1 is the first."""
    sku: str
    """As the catalogue knows it; case-sensitive."""
    quantity: int
    """How many pieces."""
    amount: Money
    """What was paid for them."""

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku} ({self.amount})"


class PaymentRefundRequested(RequestEvent):
    """Somebody asked for money back; from now on it counts against what was captured. `lines` says what for, if the
    amount is made of prices.

    `request_id` is the refund's own id, and the process's request, too.
    """

    TOPIC: ClassVar[str] = "payments.RefundRequested"
    SENTENCE: ClassVar[str] = "{who} asked for {amount} to be given back{for_lines}: {reason}"

    amount: Money
    lines: tuple[RefundLine, ...]
    reason: Sealed


class PaymentRefundFailed(RequestEvent):
    """What somebody asked for is not given back; the provider says so, or an undo has given everything back before."""

    TOPIC: ClassVar[str] = "payments.RefundFailed"
    SENTENCE: ClassVar[str] = "{amount} is not given back: {reason}"

    amount: Money
    reason: str


class PaymentClosed(RequestEvent):
    """An undo found that the provider holds nothing; no later attempt may follow."""

    TOPIC: ClassVar[str] = "payments.Closed"
    SENTENCE: ClassVar[str] = "The payment provider holds no money for the order; the payment is closed"


class PaymentDisputed(Event):
    """The customer disputes money that was taken; told again where amount, reason or `answer_by` changed.

    `answer_by` is until when the shop can answer at the provider, where that says so.
    """

    TOPIC: ClassVar[str] = "payments.Disputed"
    SENTENCE: ClassVar[str] = "The customer disputes {amount} ({reason}, {dispute_id}){until}"

    order_id: UUID
    authorization_id: str
    dispute_id: str
    amount: Money
    reason: str
    answer_by: datetime | None


class PaymentDisputeClosed(Event):
    """A dispute has ended, by the provider's word."""

    TOPIC: ClassVar[str] = "payments.DisputeClosed"
    SENTENCE: ClassVar[str] = "The dispute {dispute_id} is over: {outcome}"

    order_id: UUID
    authorization_id: str
    dispute_id: str
    outcome: DisputeOutcome


PaymentEvent = (
    AuthorizationAttempted
    | AuthorizationOpened
    | PaymentCallUnanswered
    | PaymentCallPostponed
    | PaymentAuthorized
    | PaymentDeclined
    | PaymentActionRequired
    | PaymentActionFailed
    | PaymentAttemptRequested
    | PaymentOutcomeUnknown
    | PaymentAnswerDiffered
    | SecondAuthorizationFound
    | SecondAuthorizationVoided
    | SecondAuthorizationKept
    | CaptureAttempted
    | PaymentCaptured
    | CaptureRefused
    | VoidAttempted
    | PaymentVoided
    | RefundAttempted
    | PaymentRefunded
    | PaymentRefundRequested
    | PaymentRefundFailed
    | PaymentClosed
    | PaymentDisputed
    | PaymentDisputeClosed
)
