"""An invoice as an order: how the API takes it, and whether an order that was placed before is the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import UUID, uuid5

from commerce.cli.client.answers import LineAnswer, OrderAnswer
from commerce.cli.shop.addresses import address_of
from commerce.cli.shop.invoice import Invoice, InvoiceLine
from commerce.values.money import Money
from commerce_client.models.address import Address
from commerce_client.models.order_line_request import OrderLineRequest
from commerce_client.models.place_order import PlaceOrder
from commerce_client.models.price import Price

PLAY = UUID("5c1fb0a0-52cf-4a55-8a2e-5d3ac9c1a6a4")
"""The root of all ids and keys that a play makes, which are the same in every play."""
_CUSTOMER = uuid5(PLAY, "customer")
_MOST_TOLD_DIFFERENCES = 3


def order_request(invoice: Invoice) -> PlaceOrder:
    """An invoice as the API takes an order."""
    return PlaceOrder(
        customer_id=customer_id(invoice.customer),
        currency=invoice.currency,
        lines=[
            OrderLineRequest(sku=line.sku, quantity=line.quantity, unit_price=requested_price(line.unit_price))
            for line in invoice.lines
        ],
        shipping_address=Address(**address_of(invoice.customer or f"guest {invoice.number}", invoice.country)),
        reference=invoice.number,
        payment_method="pm_card_ok",
    )


def customer_id(customer: str) -> UUID | None:
    """The customer of a number in the file; none is a guest."""
    return uuid5(_CUSTOMER, customer) if customer else None


def requested_price(money: Money) -> Price:
    """An amount as the API takes it."""
    return Price(str(money.amount), money.currency)


def order_difference(invoice: Invoice, order: OrderAnswer) -> str:
    """What an invoice says otherwise than the order that was placed for it; empty where both say the same."""
    differences = list(_differences(invoice, order))
    told = "; ".join(differences[:_MOST_TOLD_DIFFERENCES])
    return f"{told}; …" if len(differences) > _MOST_TOLD_DIFFERENCES else told


def _differences(invoice: Invoice, order: OrderAnswer) -> Iterator[str]:
    in_file, in_order = Counter(map(_piece, invoice.lines)), Counter(map(_piece, order.lines))
    yield from (f"{line} is in the file only" for line in (in_file - in_order).elements())
    yield from (f"{line} is in the order only" for line in (in_order - in_file).elements())
    if order.total != invoice.total:
        yield f"{invoice.total} in the file, {order.total} in the order"
    if order.customer_id != customer_id(invoice.customer):
        yield f"the order is not that of customer {invoice.customer}" if invoice.customer else "the order is no guest's"
    country = order.shipping_address.country if order.shipping_address else None
    if country not in (None, invoice.country):
        yield f"to {invoice.country} in the file, to {country} in the order"


def _piece(line: InvoiceLine | LineAnswer) -> str:
    return f"{line.quantity} x {line.sku} at {line.unit_price}"
