"""What the requests of one process share; the application's lifespan opens and closes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Request

from api.bulk.slots import BulkSlots
from api.http.fingerprints import Fingerprints
from api.live.feed import Feed
from api.oidc.external_tokens import ExternalTokens
from api.orders.completion import Completions
from api.queries.consistency import ReadModels
from api.queries.signed_log import SignedLog
from commerce.audit.access_records import AccessRecords
from commerce.audit.outside_calls import CallCounts
from commerce.catalog.price_list import PriceList
from commerce.catalog.prices import known_sku
from commerce.customers.accounts import Accounts
from commerce.eventstore import EventStore, Tail, WriteProbe
from commerce.machines.key_checks import ApiKeys
from commerce.ordering.reference import References
from commerce.payments.methods import PaymentMethods
from commerce.runtime.tokens import TokenVerifier
from commerce.saga.limits import ProcessLimits
from commerce.staff.accounts import StaffAccounts
from commerce.staff.session_checks import StaffSessions


@dataclass(frozen=True, slots=True)
class WebhookTerms:
    """Which payment provider sends word, and the secret that it signs with; None where none is set."""

    provider: Literal["http", "stripe"]
    secret: str | None = field(repr=False)
    allow_private: bool
    """Whether our own webhooks are sent to inner addresses, and by plain HTTP, too."""


@dataclass(frozen=True, slots=True)
class OrderingTerms:
    """Whose orders are taken: see the settings of the same names."""

    customers: Literal["any", "known"]
    guests: Literal["allowed", "refused"]
    remembered_s: int
    """Seconds in which a repeat is answered as the first request was."""


@dataclass(frozen=True, slots=True)
class AppContext:
    """What a running API process has opened."""

    store: EventStore
    recording: WriteProbe
    tokens: TokenVerifier
    external_tokens: ExternalTokens | None
    """Those of an issuer that is not us; None where none is set."""
    fingerprints: Fingerprints
    references: References
    prices: PriceList
    methods: PaymentMethods
    tail: Tail
    """The end of the log, read once for all that waits for something there."""
    completions: Completions
    feed: Feed
    read_models: ReadModels
    bulk: BulkSlots
    largest_import_bytes: int
    signed_log: SignedLog
    calls: CallCounts
    access_records: AccessRecords
    api_keys: ApiKeys
    ordering: OrderingTerms
    has_public_catalogue: bool
    """Whether everybody may see the catalogue, on the shop's pages."""
    accounts: Accounts
    staff: StaffAccounts
    staff_sessions: StaffSessions
    signing: Ed25519PrivateKey = field(repr=False)
    """What the tokens of those who log in are signed with."""
    limits: ProcessLimits
    """How long a process waits, as the process manager of the same settings has it."""
    webhooks: WebhookTerms

    def release(self) -> None:
        """Let go of requests that wait for what others do, and of listeners, as the process is about to stop."""
        self.completions.release()
        self.feed.release()
        self.bulk.release()


async def sku_of(request: Request, sku: str) -> str:
    """The SKU in a path as the catalogue knows it. Raises `Unavailable`."""
    return await known_sku(context_of(request).store, sku)


def context_of(request: Request) -> AppContext:
    """The context of the process that serves this request."""
    return cast(AppContext, request.app.state.context)
