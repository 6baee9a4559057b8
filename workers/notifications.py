"""The notifications worker: writes the mails that customers get when something has become of their order, or is wanted
of their account, and those that invite staff; and, as it has the mails, erases people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import get_args
from uuid import UUID

import structlog
from faststream.nats import NatsMessage

from commerce.credentials.mail_tokens import TokensOfMails
from commerce.customers import customer as customers
from commerce.customers.customer import Customer
from commerce.customers.erasure_file import ErasureFile
from commerce.customers.events import EmailChanged, EmailChangeRequested
from commerce.customers.mail_request import MailTokens
from commerce.eventstore import DataErased, Event, EventStore, Recorded, Sealed
from commerce.ordering import order as ordering
from commerce.ordering.number import number_of
from commerce.outside.errors import TryAgain
from commerce.runtime.settings import Settings, load_settings
from commerce.runtime.tokens import load_keys
from commerce.staff import member as members
from commerce.staff.accounts import invitation_tokens
from commerce.staff.events import (
    StaffCredentialChange,
    StaffInvited,
    StaffPasswordChanged,
    StaffRecoveryCodesReplaced,
    StaffSecondFactorChanged,
)
from workers.gateways.account_mail import AccountEvent, compose_account_mail, compose_change_notice
from workers.gateways.mail import FileOutbox, Kind, Mail, Outbox, compose
from workers.gateways.recipient import recipient_of
from workers.gateways.staff_mail import compose_credential_notice, compose_invitation
from workers.outbox.broker import EVENTS, Broker
from workers.outbox.message_schemas import IntegrationEvent
from workers.privacy.erasures import Erasures
from workers.privacy.retention import Retention
from workers.privacy.rotation import MasterKeyRotation
from workers.runtime.app import WorkerApp
from workers.runtime.consumers import OneAtATime, consuming, one_delivery, subscribe
from workers.runtime.durables import Durable
from workers.runtime.failures import Failures
from workers.runtime.parked_messages import MessageHint, ParkedMessages
from workers.runtime.subscriptions import in_background, worker_store

NAME = "notifications"
_KINDS: dict[str, Kind] = {
    "ordering.OrderConfirmed": "confirmed",
    "ordering.OrderRejected": "rejected",
    "ordering.OrderCancelled": "cancelled",
    "ordering.OrderCancellationRefused": "cancellation-refused",
    "ordering.OrderShipped": "shipped",
    "ordering.OrderDelivered": "delivered",
}
_OF_ACCOUNTS = tuple(kind.TOPIC for kind in (*get_args(AccountEvent), EmailChanged))
_OF_STAFF = tuple(
    kind.TOPIC for kind in (StaffInvited, StaffPasswordChanged, StaffRecoveryCodesReplaced, StaffSecondFactorChanged)
)
_TOPICS = (*_KINDS, *_OF_ACCOUNTS, *_OF_STAFF)
DURABLE = Durable(NAME, EVENTS, "events.*.*", tuple(f"events.{topic}" for topic in _TOPICS))
_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MailTerms:
    """The tokens of mails about accounts, and the pages that those mails lead to, if there are any."""

    customers: MailTokens = field(repr=False)
    staff: TokensOfMails = field(repr=False)
    customers_page: str | None = None
    staff_page: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> MailTerms:
        """Those of an installation. Raises `BadUsage`."""
        secret = load_keys(settings).signing.private_bytes_raw()
        pages = settings.checked_account_url(), settings.checked_staff_url()
        return cls(MailTokens(secret), invitation_tokens(secret), *pages)


class Notifications:
    """What the worker does with an integration event; safe to repeat, in any process."""

    def __init__(self, store: EventStore, outbox: Outbox, terms: MailTerms) -> None:
        self._store = store
        self._outbox = outbox
        self._terms = terms

    async def tell(self, event: IntegrationEvent) -> None:
        """Write the mail about the order as it was then, or about the account, if there is one. Raises `TryAgain`,
        `Unavailable`, `MissingKey`. Nothing is written to somebody whose data was erased.

        The message is only a hint: what it names has to stand in the log, at that position.
        """
        kind = _KINDS.get(event.type)
        if event.type in _OF_ACCOUNTS:
            await self._tell_of_account(event)
        elif event.type in _OF_STAFF:
            await self._tell_staff(event)
        elif kind is not None and event.data.order_id is not None:
            await self._tell_of_order(event, event.data.order_id, kind)

    async def _tell_of_order(self, event: IntegrationEvent, order_id: UUID, kind: Kind) -> None:
        stream = (await self._store.read_together([order_id]))[order_id]
        then = [recorded for recorded in stream if recorded.position <= event.data.position]
        order = ordering.fold(recorded.event for recorded in then)
        if order is None or (then[-1].position, then[-1].topic) != (event.data.position, event.type):
            _log.warning("an event that the log does not know", order_id=event.subject, topic=event.type)
            return
        try:
            address, *email = await self._store.keys.open_all(filter(None, (order.shipping_address, order.email)))
            mail = compose(order, number_of(then[0].position), kind, recipient_of(address).name, *email)
            if await self._put(mail, order.shipping_address):
                _log.info("mail written", order_id=event.subject, kind=kind)
        except DataErased:
            _log.info("no mail, as the data was erased", order_id=event.subject, kind=kind)

    async def _tell_of_account(self, event: IntegrationEvent) -> None:
        stream, asked = await self._asked(event)
        customer_id = getattr(asked, "customer_id", stream)
        history = await self._store.read_stream(customer_id)
        customer = customers.fold(one.event for one in history)
        if customer is None or not isinstance(asked, AccountEvent | EmailChanged):
            _log.warning("an event that the log does not know", customer_id=event.subject, topic=event.type)
        elif sealed := _address_for(asked, customer, history, event.data.position):
            with suppress(DataErased):
                email, terms = await self._store.keys.open(sealed), self._terms
                if isinstance(asked, EmailChanged):
                    mail = compose_change_notice(asked, email)
                else:
                    mail = compose_account_mail(asked, customer.id, email, terms.customers, terms.customers_page)
                if await self._put(mail, sealed):
                    _log.info("mail written", customer_id=event.subject, kind=event.type)

    async def _tell_staff(self, event: IntegrationEvent) -> None:
        stream, asked = await self._asked(event)
        member = members.fold(one.event for one in await self._store.read_stream(stream))
        if member is None or not isinstance(asked, StaffInvited | StaffCredentialChange):
            _log.warning("an event that the log does not know", member_id=event.subject, topic=event.type)
            return
        email = await self._store.keys.open(member.email)
        if isinstance(asked, StaffCredentialChange):
            mail = compose_credential_notice(asked, event.time, email)
        elif member.invitation is not None and member.invitation.request_id == asked.request_id:
            mail = compose_invitation(asked, email, self._terms.staff, self._terms.staff_page)
        else:
            return
        if await self._put(mail, member.email):
            _log.info("mail written", member_id=event.subject, kind=event.type)

    async def _asked(self, event: IntegrationEvent) -> tuple[UUID, Event | None]:
        """The stream that an integration event is of, and what stands there at its position."""
        stream = UUID(event.id.partition(":")[0])
        found = [one for one in await self._store.read_stream(stream) if one.position == event.data.position]
        return stream, found[0].event if found else None

    async def _put(self, mail: Mail, sealed: Sealed) -> bool:
        """Put a mail into the outbox, and take it out again where `sealed`, which it was written with, was erased
        meanwhile: then its key is gone before mails are removed. Raises `TryAgain`, and as `KeyRing.open` does."""
        try:
            was_put = await self._outbox.put(mail)
            try:
                await self._store.keys.open(sealed)
            except DataErased:
                await self._outbox.remove([mail.about])
                raise
        except OSError as error:
            raise TryAgain(f"the outbox does not take a mail: {error.strerror}") from None
        return was_put


def _address_for(
    asked: AccountEvent | EmailChanged, customer: Customer, history: Sequence[Recorded], position: int
) -> Sealed | None:
    """Where a mail about an account goes; None where there is none any more."""
    if not customer.is_active:
        return None
    match asked:
        case EmailChangeRequested():
            wanted = customer.wanted_email
            return asked.email if wanted and wanted.request.request_id == asked.request_id else None
        case EmailChanged():
            before = customers.fold(one.event for one in history if one.position < position)
            return None if before is None else before.email
        case _:
            return customer.email


async def read_integration_event(message: NatsMessage) -> IntegrationEvent:
    """Decode a CloudEvent in structured JSON mode."""
    return IntegrationEvent.model_validate_json(message.body)


def notifications_app() -> WorkerApp:
    """The worker; nothing is opened before it runs."""
    broker = Broker(NAME)
    orders = OneAtATime()
    failures = Failures(DURABLE.name)

    async def tell(event: IntegrationEvent) -> None:
        notifications: Notifications = broker.context.get("notifications")
        parked: ParkedMessages = broker.context.get("parked")
        message = broker.message
        about = UUID(event.subject)
        hint = MessageHint(message.raw_message.subject, message.body, event.data.position, about)
        async with (
            one_delivery(message, failures, parked, hint, order_id=event.subject) as is_due,
            orders.on(about),
        ):
            if is_due:
                await notifications.tell(event)

    subscribe(
        broker,
        DURABLE,
        DURABLE.subject,
        read_integration_event,
        tell,
        title="Events about orders and accounts",
        description="Each end of an order, each rejected cancellation, each step of its shipment, each request to "
        "confirm an e-mail address or to replace a password, and each change of an address has one mail. So has each "
        "invitation of staff, and each change of what they log in with.",
    )

    @asynccontextmanager
    async def lifespan(app: WorkerApp) -> AsyncIterator[None]:
        settings = load_settings()
        broker.use(settings)
        async with worker_store(app, settings) as store:
            outbox = FileOutbox(settings.outbox_folder)
            erasures = Erasures(store, outbox, ErasureFile(settings.audit_folder, store.keys))
            retention, rotation = Retention(store, settings), MasterKeyRotation(store)
            notifications = Notifications(store, outbox, MailTerms.of(settings))

            async def tell_parked(hint: MessageHint) -> None:
                async with orders.on(hint.order_id):
                    await notifications.tell(IntegrationEvent.model_validate_json(hint.body))

            parked = ParkedMessages(store, DURABLE.name, tell_parked)
            app.context.set_global("notifications", notifications)
            app.context.set_global("parked", parked)
            async with (
                consuming(app, broker, [DURABLE], store, failures, parked=parked),
                in_background(erasures.run(), "erasures"),
                in_background(retention.run(), "retention"),
                in_background(rotation.run(), "master key"),
            ):
                failing = app.outside
                jobs: dict[str, Erasures | Retention | MasterKeyRotation] = {
                    "erasures": erasures,
                    "retention": retention,
                    "master key": rotation,
                }
                app.outside = lambda: failing() | {name: job.problem for name, job in jobs.items() if job.problem}
                yield

    return WorkerApp(NAME, broker, lifespan=lifespan, registry=broker.registry)


app = notifications_app()
