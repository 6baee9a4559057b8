"""Every kind of stream that this version of the code knows, with its events and how they are folded.

A process that reads the whole log imports this module, so that every topic can be decoded. A new aggregate is a row
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from commerce.audit import access_records, token_issue
from commerce.audit.events import PersonalDataRead, TokenIssued
from commerce.catalog import product
from commerce.catalog.events import ProductEvent
from commerce.credentials import sessions
from commerce.customers import customer, email_claim, erasure, logins, password_reset
from commerce.customers.erasure_events import ErasureEvent
from commerce.customers.events import (
    CustomerEvent,
    EmailAddressEvent,
    LoggedIn,
    LoginRefused,
    PasswordResetEvent,
    SessionEvent,
)
from commerce.eventstore import Aggregate, Event
from commerce.inventory import reservation, stock_item
from commerce.inventory.events import ReservationEvent, StockItemEvent
from commerce.machines import api_key
from commerce.machines.events import ApiKeyEvent
from commerce.master_keys import master_key_list
from commerce.master_keys.events import MasterKeyEvent
from commerce.ordering import order, reference
from commerce.ordering.events import OrderEvent, ReferenceClaimed
from commerce.parked import intervention_log
from commerce.parked.events import ParkedDecision
from commerce.payments import payment, webhook
from commerce.payments.events import PaymentEvent
from commerce.payments.webhook_events import WebhookEvent
from commerce.saga import process
from commerce.saga.events import ProcessEvent
from commerce.shipping import shipment
from commerce.shipping.events import ShipmentEvent
from commerce.staff import login_record, member
from commerce.staff.events import StaffEvent, StaffLoggedIn, StaffLoginRefused, StaffSessionEvent
from commerce.webhooks import endpoint
from commerce.webhooks.events import EndpointEvent


@dataclass(frozen=True, slots=True)
class StreamKind:
    """A kind of stream: what it is called, which events it is made of, and how they change its state."""

    name: str
    events: tuple[type[Event], ...]
    evolve: Callable[..., Aggregate | None]

    def fold(self, state: Aggregate | None, events: Iterable[Event]) -> Aggregate | None:
        """The state that further events of a stream leave: the library's projector function (see `docs/library.md`)."""
        for event in events:
            state = self.evolve(state, event)
        return state


STREAM_KINDS = (
    StreamKind("order", get_args(OrderEvent), order.evolve),
    StreamKind("reference", (ReferenceClaimed,), reference.evolve),
    StreamKind("process", get_args(ProcessEvent), process.evolve),
    StreamKind("reservation", get_args(ReservationEvent), reservation.evolve),
    StreamKind("payment", get_args(PaymentEvent), payment.evolve),
    StreamKind("webhook", get_args(WebhookEvent), webhook.evolve),
    StreamKind("shipment", get_args(ShipmentEvent), shipment.evolve),
    StreamKind("stock item", get_args(StockItemEvent), stock_item.evolve),
    StreamKind("product", get_args(ProductEvent), product.evolve),
    StreamKind("customer", get_args(CustomerEvent), customer.evolve),
    StreamKind("e-mail address", get_args(EmailAddressEvent), email_claim.evolve),
    StreamKind("erasure", get_args(ErasureEvent), erasure.evolve),
    StreamKind("logins", (LoggedIn,), logins.evolve_logins),
    StreamKind("refused logins", (LoginRefused,), logins.evolve_refused),
    StreamKind("password resets", get_args(PasswordResetEvent), password_reset.evolve),
    StreamKind("session", get_args(SessionEvent), sessions.evolve),
    StreamKind("member of staff", get_args(StaffEvent), member.evolve),
    StreamKind("staff logins", (StaffLoggedIn,), login_record.evolve_staff_logins),
    StreamKind("refused staff logins", (StaffLoginRefused,), login_record.evolve_refused_staff_logins),
    StreamKind("staff session", get_args(StaffSessionEvent), sessions.evolve),
    StreamKind("interventions", get_args(ParkedDecision), intervention_log.evolve),
    StreamKind("reading", (PersonalDataRead,), access_records.evolve),
    StreamKind("api key", get_args(ApiKeyEvent), api_key.evolve),
    StreamKind("webhook endpoint", get_args(EndpointEvent), endpoint.evolve),
    StreamKind("token", (TokenIssued,), token_issue.evolve),
    StreamKind("master keys", get_args(MasterKeyEvent), master_key_list.evolve),
)

STREAM_KIND_OF: Mapping[str, StreamKind] = {event.TOPIC: kind for kind in STREAM_KINDS for event in kind.events}
"""The kind of stream that events of a topic stand in."""

EVENTS: Mapping[str, type[Event]] = {event.TOPIC: event for kind in STREAM_KINDS for event in kind.events}
"""The events by topic, as `open_store` wants to know them."""
