"""What the API and the payment provider answer, as far as the command line reads it."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue

from commerce.values.errors import InvalidInput
from commerce.values.money import Money

Item = TypeVar("Item")

ENDED = frozenset({"confirmed", "rejected", "cancelled", "shipped", "delivered"})
"""The statuses of an order that nothing moves on from by itself."""
FULFILLED = frozenset({"confirmed", "shipped", "delivered"})
"""The statuses of an order whose money was taken and kept."""


class ApiAnswer(BaseModel):
    """Part of an answer; what else it says is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _money(value: object) -> object:
    """Money as JSON has it, or as the generated client does."""
    if isinstance(value, Money):
        return value
    of = value.get if isinstance(value, dict) else partial(getattr, value)
    try:
        return Money.of(str(of("amount", None)), str(of("currency", None)))
    except InvalidInput as error:
        raise ValueError(str(error)) from None


Amount = Annotated[Money, BeforeValidator(_money)]


class PageAnswer(ApiAnswer, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | int | None = None


class LineAnswer(ApiAnswer):
    """A line of an order."""

    sku: str
    quantity: int
    unit_price: Amount | None = None


class AddressAnswer(ApiAnswer):
    """Where an order goes, as far as it matters here."""

    country: str | None = None


class ProductAnswer(ApiAnswer):
    """A product as it is on sale, or was."""

    sku: str
    name: str
    price: Amount
    prices: tuple[Amount, ...] = ()
    """In each currency that it can be ordered in."""
    stocked: bool
    discontinued: Annotated[bool, BeforeValidator(bool)] = False
    """Where the generated client has it unset, it is not."""

    def price_in(self, currency: str) -> Amount | None:
        """What it costs in a currency; None where it cannot be ordered in that."""
        return next((price for price in (self.price, *self.prices) if price.currency == currency), None)


class ImportedLineAnswer(ApiAnswer):
    """What became of a line of an import."""

    line: int
    status: int
    problem: dict[str, object] | None = None


class ExportedLineAnswer(ApiAnswer):
    """Where a line of an export is, whatever else it says."""

    cursor: str


class EndpointAnswer(ApiAnswer):
    """A webhook endpoint."""

    endpoint_id: UUID
    url: str
    event_types: list[str]
    status: str
    disabled_reason: str | None = None


class EndpointSecretAnswer(ApiAnswer):
    """The secret of a webhook endpoint, which is shown once."""

    endpoint_id: UUID
    secret: str
    previous_until: str | None = None


class DeliveryAttemptAnswer(ApiAnswer):
    """What an attempt to deliver an event came to."""

    status: int | None = None
    problem: str | None = None


class DeliveryAnswer(ApiAnswer):
    """What is delivered to a webhook endpoint."""

    position: int
    event_type: str
    subject: UUID
    status: str
    failures: int
    next_attempt_at: str | None = None
    attempts: list[DeliveryAttemptAnswer]


class OrderAnswer(ApiAnswer):
    """An order as it shows itself."""

    order_id: UUID
    customer_id: UUID | None = None
    status: str
    reason: str | None = None
    lines: list[LineAnswer]
    total: Amount
    shipping_address: AddressAnswer | None = None
    tracking_number: str | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing happens to it any more, unless somebody commands it."""
        return self.status in ENDED

    @property
    def fulfilled(self) -> bool:
        """Whether its money was taken and kept."""
        return self.status in FULFILLED


class Placed(ApiAnswer):
    """What the API says of an order it has taken, and may have ended."""

    order_id: UUID
    status: str


class StockLevel(ApiAnswer):
    """What is on the shelf of a SKU, and how much of it is promised."""

    sku: str
    on_hand: int
    reserved: int
    available: int


class Waits(ApiAnswer):
    """What an order waits for."""

    waiting_for: str | None = None


class FurtherCase(ApiAnswer):
    """What else is open about the same order."""

    kind: str


class CaseAnswer(ApiAnswer):
    """What a person has to decide about an order."""

    order_id: UUID
    kind: str
    detail: str
    since: str
    age_s: int
    answer_by: str | None = None
    stage: str
    waiting_for: str | None = None
    money_at_risk: Amount | None = None
    owner: str | None = None
    note: str | None = None
    actions: list[str]
    further: list[FurtherCase] = []


class RefundAnswer(ApiAnswer):
    """A refund: what was accepted, or what became of it."""

    refund_id: UUID
    amount: Amount
    status: str
    failure: str | None = None
    reason: str | None = None
    requested_by: str | None = None
    requested_at: str | None = None


class PreviewedAnswer(ApiAnswer):
    """An event that would be recorded."""

    topic: str
    text: str


class PreviewAnswer(ApiAnswer):
    """What an intervention would lead to."""

    recorded: list[PreviewedAnswer]
    asked: list[str]


class ShipmentAnswer(ApiAnswer):
    """A shipment of an order."""

    shipment_id: UUID
    status: str


class SubscriptionLagAnswer(ApiAnswer):
    """How far one partition of a subscription is behind the log."""

    name: str
    position: int
    head: int
    lag: int
    is_read_model: bool

    def has_reached(self, position: int) -> bool:
        """Whether all that concerns it, up to a position, is handled."""
        return self.lag == 0 or self.position >= position


class DifferenceAnswer(ApiAnswer):
    """A row of a read model that is not what its events say."""

    key: str
    kind: str
    fields: list[str]


class MaintenanceAnswer(ApiAnswer):
    """A rebuild or a verification of a read model, and how far it is."""

    id: int
    projection: str
    status: str
    done: int
    total: int
    rate: float | None = None
    seconds_left: float | None = None
    problem: str | None = None
    differing: int = 0
    differences: list[DifferenceAnswer] = []

    @property
    def ended(self) -> bool:
        """Whether it is done, given up, or has failed."""
        return self.status in ("done", "cancelled", "failed")


class ParkedGroupAnswer(ApiAnswer):
    """Parked events of one subscription with one cause."""

    group: str
    subscription: str
    error: str
    place: str
    problem: str
    events: int
    waiting: int
    sequences: int
    first_position: int
    last_position: int
    first_at: str
    last_at: str


class ParkedEventAnswer(ApiAnswer):
    """One parked event."""

    position: int
    topic: str
    sequence: str
    problem: str
    attempts: int
    parked_at: str
    payload: JsonValue
    is_edited: bool


class ParkedDecisionAnswer(ApiAnswer):
    """What was decided about parked events, and where that stands in the log."""

    subscription: str
    positions: list[int]
    position: int


class IssuedKeyAnswer(ApiAnswer):
    """A new API key of a service; it is shown this once."""

    key_id: UUID
    service: str
    key: str
    expires_at: str
    replaces: UUID | None = None
    replaced_ends_at: str | None = None


class ApiKeyAnswer(ApiAnswer):
    """An API key of a service, without the key itself."""

    key_id: UUID
    service: str
    scopes: list[str]
    beginning: str
    status: str
    issued_by: str
    issued_at: str
    expires_at: str
    replaces: UUID | None
    replaced_by: UUID | None
    ends_at: str | None
    revoked_at: str | None
    last_used_at: str | None


class MemberAnswer(ApiAnswer):
    """A member of staff."""

    member_id: UUID
    email: str | None
    role: str
    scopes: list[str] | None
    status: str
    invited_by: str
    invited_until: str | None
    accepted_at: str | None


class MemberAccepted(ApiAnswer):
    """Something was done about a member of staff."""

    member_id: UUID
    status: str


class LedgerEntry(ApiAnswer):
    """One movement of money at the provider."""

    order_id: str
    kind: str
    amount: str
    currency: str

    @property
    def money(self) -> Money:
        """How much was moved."""
        return Money.of(self.amount, self.currency)
