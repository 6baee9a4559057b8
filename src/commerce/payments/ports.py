"""What a payment provider has to offer, and what it can answer. Adapters stand in `workers/gateways`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from commerce.outside.ledger import LedgerPage
from commerce.outside.party import Carried, PartyPort
from commerce.outside.policy import CallPolicy
from commerce.payments.disputes import Dispute
from commerce.values.money import Money

PROVIDER = "payment provider"
"""What it is called where calls to it are told of."""

PROVIDER_CALLS = CallPolicy(timeout_s=10.0, breaker_failures=2)
"""How each of its operations is called where nobody sets it otherwise."""

ProviderStatus = Literal["authorized", "captured", "voided", "refunded"]
"""What the provider can say that it did."""

PROVIDER_OPERATIONS: dict[ProviderStatus, str] = {
    "authorized": "authorize",
    "captured": "capture",
    "voided": "void",
    "refunded": "refund",
}
"""The operation that the provider was asked for when it says that it did so."""

PROVIDER_CALLED: dict[str, str] = {operation: operation for operation in PROVIDER_OPERATIONS.values()}
"""What we ask for, and the provider's word for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedPayment(Carried):
    """What an answer of the provider names, beyond what was done."""

    authorization_id: str | None = None
    amount: Money | None = None
    held_until: datetime | None = None
    """When the provider lets go of what it set aside, unless it is taken before; None where it does not say."""


@dataclass(frozen=True, slots=True)
class OpenedAuthorization:
    """An authorisation has its id; nothing is set aside under it before it is asked for."""

    authorization_id: str
    amount: Money
    carried: CarriedPayment = field(default=CarriedPayment(), compare=False)


@dataclass(frozen=True, slots=True)
class Authorized:
    """The money is set aside."""

    authorization_id: str
    amount: Money
    carried: CarriedPayment = field(default=CarriedPayment(), compare=False)


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """Nothing is set aside before the customer has done something at `redirect_url`."""

    authorization_id: str
    amount: Money
    redirect_url: str
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

    status: ProviderStatus
    carried: CarriedPayment


@dataclass(frozen=True, slots=True)
class PaymentAtProvider:
    """An authorisation as it stands at the provider, whatever led to that; each sum is 0 where there is nothing."""

    authorization_id: str
    order_id: str | None
    held: Money
    """What is set aside and can still be taken."""
    captured: Money
    refunded: Money
    moved_at: datetime | None = field(default=None, compare=False)
    """When anything became of it last, by the provider's clock; None where it does not say."""
    disputes: tuple[Dispute, ...] = ()

    @property
    def party_id(self) -> str:
        """What the provider calls it."""
        return self.authorization_id

    @property
    def moved(self) -> bool:
        """Whether it holds money, or took some."""
        return self.held.amount > 0 or self.captured.amount > 0


PaymentOutcome = (
    OpenedAuthorization
    | Authorized
    | ActionRequired
    | Declined
    | Captured
    | Voided
    | Refunded
    | PaymentRejected
    | UnclearPayment
)
"""What can have happened under an idempotency key."""


class PaymentProvider(PartyPort[PaymentOutcome], Protocol):
    """Sets money aside, takes it, lets it go, gives it back."""

    async def open(self, key: UUID, order_id: UUID, amount: Money, payment_method: str) -> PaymentOutcome | None:
        """Have an authorisation made, so that its id is on record before money is set aside under it.

        None where the provider can be asked about a key, and needs no such thing. `key` is that of the `authorize` that
        follows. Raises and repeats like that; a second authorisation that came of it would hold nothing.
        """

    async def authorize(
        self, key: UUID, order_id: UUID, amount: Money, payment_method: str, opened_id: str | None = None
    ) -> PaymentOutcome:
        """Set money aside, under the authorisation that was opened, where the provider opens one.

        Raises `PartyUnavailable`, `RequestRejected`; safe to repeat with the same key.
        """

    async def capture(self, key: UUID, authorization_id: str, amount: Money) -> PaymentOutcome:
        """Take money, once and no more than was set aside. Raises and repeats like `authorize`."""

    async def void(self, key: UUID, authorization_id: str) -> PaymentOutcome:
        """Let go of money that was not taken. Raises and repeats like `authorize`."""

    async def refund(self, key: UUID, authorization_id: str, amount: Money) -> PaymentOutcome:
        """Give money back, in all no more than was taken. Raises and repeats like `authorize`."""

    async def authorizations_under(self, key: UUID, order_id: UUID) -> Sequence[Authorized]:
        """All that was set aside for an order under one key, which should be one at most; none where it does not tell.

        Raises `PartyUnavailable`, `RequestRejected`.
        """

    async def find_payment(self, authorization_id: str) -> PaymentAtProvider | None:
        """An authorisation as it stands now; None where the provider knows none, or does not tell.

        Raises `PartyUnavailable`, `RequestRejected`.
        """

    async def ledger(self, since: datetime, cursor: str | None = None) -> LedgerPage[PaymentAtProvider] | None:
        """A page of the authorisations of which something became since a time, each as it stands now.

        None where the provider shows no ledger. Raises `PartyUnavailable`, `RequestRejected`.
        """

    async def payment_methods(self) -> frozenset[str] | None:
        """What can be paid with; None where the provider does not name it. Raises `PartyUnavailable`,
        `RequestRejected`."""
