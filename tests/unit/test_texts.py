"""What each text in the log is: nobody adds one without deciding whether it may be read there by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from commerce.events import EVENTS
from commerce.eventstore import Event, Sealed, SealedSecret
from commerce.values.money import Money
from commerce.values.value import Value

CODES = {
    "ordering.OrderDisputed.reason",
    "payments.Disputed.reason",
    "ordering.OrderPlaced.currency",
    "ordering.OrderPlaced.payment_method",
    "ordering.OrderRejected.reason",
    "ordering.OrderCancellationRefused.cause",
    "payments.ActionFailed.reason",
    "payments.AttemptRequested.payment_method",
    "payments.AuthorizationAttempted.payment_method",
    "payments.CaptureRefused.reason",
    "payments.RefundFailed.reason",
    "payments.SecondAuthorizationKept.reason",
    "payments.WebhookReceived.kind",
    "shipping.SecondBookingKept.reason",
    "payments.Declined.decline_reason",
    "saga.AuthorizationRequested.payment_method",
    "saga.Compensated.reason",
    "saga.Compensating.reason",
    "saga.CompensationAbandoned.cause",
    "saga.DeadlinePassed.name",
    "saga.DeadlineSet.name",
    "saga.Intervened.requests",
    "saga.Started.payment_method",
    "saga.StepFailed.reason",
    "shipping.CancellationRefused.reason",
    "shipping.Refused.reason",
    "audit.PersonalDataRead.what",
    "audit.TokenIssued.command",
    "audit.TokenIssued.role",
    "audit.TokenIssued.scopes",
    "machines.ApiKeyIssued.scopes",
    "staff.Invited.scopes",
    "staff.RoleChanged.scopes",
    "staff.SessionStarted.scopes",
    "webhooks.EndpointAdded.event_types",
    "webhooks.EndpointChanged.event_types",
}
"""Words out of a list of ours or of a partner's, and routes without what stands in their place."""

IDENTIFIERS = {
    "customers.ErasureCompleted.requested_by",
    "customers.LoggedIn.source",
    "customers.LoginRefused.source",
    "customers.SessionRefreshed.request",
    "staff.InvitationAccepted.recovery_codes",
    "staff.RecoveryCodesReplaced.recovery_codes",
    "staff.RecoveryCodeUsed.recovery_code",
    "staff.LoggedIn.source",
    "staff.LoginRefused.source",
    "staff.SessionRefreshed.request",
    "ordering.OrderDisputed.dispute_id",
    "ordering.OrderDisputeClosed.dispute_id",
    "payments.Disputed.authorization_id",
    "payments.Disputed.dispute_id",
    "payments.DisputeClosed.authorization_id",
    "payments.DisputeClosed.dispute_id",
    "saga.CaseOpened.about",
    "saga.DisputeSettled.dispute_id",
    "audit.TokenIssued.host",
    "master_keys.MasterKeyAdopted.kept_in",
    "audit.TokenIssued.os_user",
    "audit.TokenIssued.subject",
    "machines.ApiKeyIssued.beginning",
    "webhooks.EndpointAdded.url",
    "webhooks.EndpointChanged.url",
    "machines.ApiKeyIssued.digest",
    "machines.ApiKeyIssued.service",
    "machines.ApiKeyReplaced.service",
    "machines.ApiKeyRevoked.service",
    "subscriptions.ParkedDiscarded.subscription",
    "subscriptions.ParkedEdited.edits.topic",
    "subscriptions.ParkedEdited.subscription",
    "subscriptions.ParkedRetried.subscription",
    "ordering.OrderConfirmed.tracking_number",
    "saga.CaseAssigned.owner",
    "payments.ActionRequired.authorization_id",
    "payments.ActionRequired.redirect_url",
    "payments.AnswerDiffered.authorization_id",
    "payments.AuthorizationOpened.authorization_id",
    "payments.Authorized.authorization_id",
    "payments.SecondAuthorizationFound.authorization_id",
    "payments.SecondAuthorizationKept.authorization_id",
    "payments.SecondAuthorizationVoided.authorization_id",
    "payments.UnknownPaymentTold.authorization_id",
    "payments.WebhookHandled.authorization_id",
    "payments.WebhookReceived.authorization_id",
    "payments.WebhookReceived.event_id",
    "payments.WebhookUnexplained.authorization_id",
    "saga.LedgerAgreed.party_id",
    "saga.LedgerDiffered.party_id",
    "shipping.SecondBookingCancelled.booking_id",
    "shipping.SecondBookingFound.booking_id",
    "shipping.SecondBookingKept.booking_id",
    "saga.ShipmentBooked.tracking_number",
    "shipping.AnswerDiffered.booking_id",
    "shipping.Scheduled.booking_id",
    "shipping.Scheduled.tracking_number",
}
"""What we or a partner numbered something with, keyed hashes, and the logins of those who work on the system."""

PUBLIC = {
    "catalog.CurrencyPriceEnded.currency",
    "catalog.CurrencyPriceEnded.sku",
    "catalog.CurrencyPriceSet.sku",
    "catalog.PriceChanged.sku",
    "catalog.ProductAdded.description",
    "catalog.ProductAdded.name",
    "catalog.ProductAdded.sku",
    "catalog.ProductDescribed.description",
    "catalog.ProductDescribed.name",
    "catalog.ProductDescribed.sku",
    "catalog.ProductDiscontinued.sku",
    "catalog.ProductRelisted.sku",
    "inventory.ReservationConfirmed.lines.sku",
    "inventory.ReservationRejected.shortages.sku",
    "inventory.StockAdjusted.sku",
    "inventory.StockDispatched.sku",
    "inventory.StockItemRegistered.sku",
    "inventory.StockReceived.sku",
    "inventory.StockReleased.sku",
    "inventory.StockReserved.sku",
    "ordering.OrderConfirmed.carrier",
    "ordering.OrderPlaced.lines.name",
    "ordering.OrderPlaced.lines.sku",
    "payments.RefundRequested.lines.sku",
    "saga.ShipmentBooked.carrier",
    "saga.Started.wanted.sku",
    "saga.StockReservationRequested.wanted.sku",
    "shipping.Scheduled.carrier",
}
"""The catalogue, which everybody can read, and the names of carriers."""

OURS = {
    "payments.AnswerDiffered.answered",
    "payments.AnswerDiffered.asked",
    "payments.CallPostponed.detail",
    "payments.CallUnanswered.detail",
    "payments.UnknownPaymentTold.detail",
    "payments.WebhookUnexplained.detail",
    "saga.CaseOpened.detail",
    "saga.LedgerDiffered.detail",
    "saga.StepPostponed.detail",
    "shipping.AnswerDiffered.answered",
    "shipping.AnswerDiffered.asked",
    "shipping.CallPostponed.detail",
    "shipping.CallUnanswered.detail",
    "subscriptions.ParkedEdited.edits.payload",  # an event's own payload, in which sealed fields stay sealed
}
"""Sentences of our own, in which nothing of what people wrote stands."""

SEALED = {
    "staff.Invited.email",
    "staff.PasswordChanged.password",
    "staff.SecondFactorChanged.second_factor",
    "staff.InvitationAccepted.password",
    "staff.InvitationAccepted.second_factor",
    "customers.PasswordChanged.password",
    "customers.ProfileChanged.addresses",
    "customers.ProfileChanged.date_of_birth",
    "customers.ProfileChanged.family_name",
    "customers.ProfileChanged.given_name",
    "customers.ProfileChanged.phone",
    "customers.Registered.addresses",
    "customers.Registered.date_of_birth",
    "customers.Registered.email",
    "customers.EmailChangeRequested.email",
    "customers.EmailChanged.email",
    "customers.Registered.family_name",
    "customers.Registered.given_name",
    "customers.Registered.password",
    "customers.Registered.phone",
    "inventory.StockAdjusted.reason",
    "ordering.OrderCancellationRequested.reason",
    "ordering.OrderPlaced.email",
    "ordering.OrderPlaced.phone",
    "ordering.OrderPlaced.reference",
    "ordering.OrderPlaced.shipping_address",
    "payments.RefundRequested.reason",
    "saga.CaseNoted.note",
    "saga.CaseResolved.reason",
    "saga.CaseResolved.reference",
    "saga.Intervened.reason",
    "subscriptions.ParkedDiscarded.reason",
    "subscriptions.ParkedEdited.reason",
    "subscriptions.ParkedRetried.reason",
    "webhooks.EndpointAdded.notice_to",
    "webhooks.EndpointAdded.secret",
    "webhooks.EndpointChanged.notice_to",
    "webhooks.SecretRotated.secret",
}
"""What people wrote, or what is about them."""


@pytest.mark.parametrize("topic", EVENTS)
def test_every_text_in_the_log_is_known_for_what_it_is(topic: str) -> None:
    found = dict(_texts(EVENTS[topic], topic))
    plain = {name for name, kind in found.items() if kind is str}
    sealed = {name for name, kind in found.items() if kind in (Sealed, SealedSecret)}
    unknown = plain - CODES - IDENTIFIERS - PUBLIC - OURS
    assert not unknown, "say what it is; what people write freely is Sealed"
    assert sealed <= SEALED


def test_no_text_is_listed_that_is_not_there_or_twice() -> None:
    there = {name for topic, kind in EVENTS.items() for name, _ in _texts(kind, topic)}
    listed = [*CODES, *IDENTIFIERS, *PUBLIC, *OURS, *SEALED]
    assert set(listed) - there == set()
    assert len(listed) == len(set(listed))


class Part(Value):
    """A made-up part of an event."""

    word: str | None


class Whole(Event):
    """A made-up event."""

    parts: tuple[Part, ...]
    by_name: dict[str, Part]
    secret: Sealed | None


def test_what_is_in_a_list_or_may_be_missing_is_found_too() -> None:
    assert dict(_texts(Whole, "w")) == {
        "w.parts.word": str,
        "w.by_name": str,
        "w.by_name.word": str,
        "w.secret": Sealed,
    }


def _texts(kind: type[Value], name: str) -> Iterator[tuple[str, object]]:
    for field, hint in get_type_hints(kind, include_extras=True).items():
        if field in kind.model_fields:
            yield from _texts_in(hint, f"{name}.{field}")


def _texts_in(hint: Any, name: str) -> Iterator[tuple[str, object]]:
    if hint in (str, Sealed, SealedSecret):
        yield name, hint
    elif get_origin(hint) is Annotated:
        yield from _texts_in(get_args(hint)[0], name)
    elif get_origin(hint) in (Union, UnionType, tuple, list, dict, frozenset):
        for part in get_args(hint):
            yield from _texts_in(part, name)
    elif get_origin(hint) is not Literal and isinstance(hint, type) and issubclass(hint, Value) and hint is not Money:
        yield from _texts(hint, name)
