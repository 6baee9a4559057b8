"""The orders of the demonstration: one for every way in which an order can end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from attrs import evolve

from commerce.values.money import Money, total
from commerce_client.models.address import Address
from commerce_client.models.order_line_request import OrderLineRequest
from commerce_client.models.place_order import PlaceOrder
from commerce_client.models.price import Price
from commerce_client.models.put_product import PutProduct

CURRENCY = "GBP"
CUP, RARE, VOUCHER = "DEMO-CUP", "DEMO-RARE", "DEMO-VOUCHER"
PRODUCTS: Mapping[str, PutProduct] = {
    CUP: PutProduct(name="Demonstration cup", price=Price("14.00", CURRENCY)),
    RARE: PutProduct(name="The only one of its kind", price=Price("480.00", CURRENCY)),
    VOUCHER: PutProduct(name="Gift voucher", price=Price("25.00", CURRENCY), stocked=False),
}
_NOTHING = Money.zero(CURRENCY)
_ADDRESS = Address(name="Ada Sample", line1="1 Example Street", city="Norwich", postcode="NR1 1AA", country="GB")


class Act(Enum):
    """What is done to an order once it is placed."""

    WATCH = auto()
    CANCEL_AT_ONCE = auto()
    CANCEL_CONFIRMED = auto()
    DELIVER = auto()


@dataclass(frozen=True, slots=True)
class ExpectedOutcome:
    """How an order ended: what it shows, and what the provider kept or still sets aside for it."""

    status: str
    reason: str | None = None
    kept: Money = _NOTHING
    set_aside: Money = _NOTHING

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        open_ = f", {self.set_aside} still set aside" if self.set_aside else ""
        return f"{self.status}{reason}, {self.kept} charged{open_}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """An order and how it is to end."""

    title: str
    order: PlaceOrder
    expected: ExpectedOutcome
    act: Act = Act.WATCH


def _order(
    method: str = "pm_card_ok", *, sku: str = CUP, quantity: int = 1, price: str = "", country: str = "GB"
) -> PlaceOrder:
    line = OrderLineRequest(sku=sku, quantity=quantity, unit_price=Price(price, CURRENCY) if price else None)
    return PlaceOrder(
        currency=CURRENCY, lines=[line], payment_method=method, shipping_address=evolve(_ADDRESS, country=country)
    )


def _kept(status: str, *amounts: str) -> ExpectedOutcome:
    return ExpectedOutcome(status, kept=total((Money.of(amount, CURRENCY) for amount in amounts), CURRENCY))


SCENARIOS = (
    Scenario("paid by card", _order(quantity=2), _kept("confirmed", "28.00")),
    Scenario("card declined", _order("pm_card_declined"), ExpectedOutcome("rejected", "payment_declined")),
    Scenario("provider out of order", _order("pm_card_error"), ExpectedOutcome("rejected", "payment_unavailable")),
    Scenario("provider fails twice", _order("pm_card_flaky"), _kept("confirmed", "14.00")),
    Scenario("provider's answers lost", _order("pm_card_timeout"), _kept("confirmed", "14.00")),
    Scenario("to Antarctica", _order(country="AQ"), ExpectedOutcome("rejected", "shipping_unavailable")),
    Scenario("more than in stock", _order(sku=RARE, quantity=2), ExpectedOutcome("rejected", "out_of_stock")),
    Scenario("only a voucher, not stocked", _order(sku=VOUCHER), _kept("confirmed", "25.00")),
    Scenario("free of charge", _order(price="0.00"), _kept("confirmed")),
    Scenario("cancelled at once", _order(), _kept("cancelled"), Act.CANCEL_AT_ONCE),
    Scenario("cancelled once confirmed", _order(), _kept("cancelled"), Act.CANCEL_CONFIRMED),
    Scenario("dispatched and delivered", _order(), _kept("delivered", "14.00"), Act.DELIVER),
)
