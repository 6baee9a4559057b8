"""Tells events in plain words: one sentence for each kind of event, filled with what the event says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from commerce.audit.events import PersonalDataRead, TokenIssued
from commerce.catalog.events import PriceChanged, ProductAdded, ProductDescribed, ProductDiscontinued, ProductRelisted
from commerce.eventstore import Event
from commerce.inventory import events as stock
from commerce.ordering import events as ordering
from commerce.payments import events as payments
from commerce.saga import events as saga
from commerce.shipping import events as shipping
from commerce.values.text import cleaned

_LONGEST_CHARACTERS = 4_000
"""Characters of a sentence."""

_SHOWN_ITEMS = 5
"""So many lines of an order are told; the rest is counted."""

_WORDS: Mapping[type[Event], str] = {
    ProductAdded: "{who} put {sku} on sale: {name}, at {price}",
    PriceChanged: "{who} changed the price of {sku} to {price}",
    ProductDescribed: "{who} described {sku} anew: {name}",
    ProductDiscontinued: "{who} took {sku} off sale",
    ProductRelisted: "{who} put {sku} on sale again",
    stock.StockItemRegistered: "{sku} is kept in stock from now on, says {who}",
    stock.StockReceived: "{who} took in {quantity} of {sku}",
    stock.StockAdjusted: "{who} corrected the count of {sku} by {quantity:+d}: {reason}",
    stock.StockReserved: "{quantity} of {sku} reserved for order {order_id}",
    stock.StockReleased: "{quantity} of {sku}, reserved for order {order_id}, given back to stock",
    stock.StockDispatched: "{quantity} of {sku} left the house for order {order_id}",
    stock.ReservationConfirmed: "Everything is reserved: {lines}",
    stock.ReservationRejected: "Nothing could be reserved, as there is too little in stock: {shortages}",
    stock.ReservationReleased: "The reservation is undone",
    stock.ReservationDispatched: "The reserved pieces left the house",
    ordering.OrderPlaced: "{who} placed the order for {buyer}: {lines}; {total} in all, to be paid with {payment_method}",
    ordering.OrderConfirmed: "The order is confirmed: {carrier} brings it under {tracking_number}, by {estimated_delivery}",
    ordering.OrderRejected: "The order is rejected: {reason}",
    ordering.OrderCancellationRequested: "{who} asked for the order to be cancelled: {reason}",
    ordering.OrderCancellationRefused: "The cancellation is refused, as it came too late: {cause}",
    ordering.OrderCancelled: "The order is cancelled",
    ordering.OrderShipped: "The order is shipped",
    ordering.OrderDelivered: "The order is delivered",
    ordering.ReferenceClaimed: "The shop's reference is this order's from now on",
    payments.AuthorizationAttempted: "Payment provider called to set {amount} aside on {payment_method} (attempt {attempt})",
    payments.PaymentCallUnanswered: "No outcome of attempt {attempt}: {detail}",
    payments.PaymentCallPostponed: "Attempt {attempt} is put off: {detail}",
    payments.PaymentAuthorized: "The payment provider set {amount} aside ({authorization_id})",
    payments.PaymentDeclined: "The payment provider declined: {decline_reason}",
    payments.PaymentOutcomeUnknown: "After {attempts} calls to {operation} nobody knows whether the payment provider did it",
    payments.PaymentAnswerDiffered: "The payment provider {answered} instead of {asked}",
    payments.SecondAuthorizationFound: "The payment provider set {amount} aside a second time ({authorization_id})",
    payments.SecondAuthorizationVoided: "The payment provider let go of what it had set aside a second time ({authorization_id})",
    payments.SecondAuthorizationKept: "The payment provider does not let go of what it set aside a second time: {reason}",
    payments.CaptureAttempted: "Payment provider called to take {amount} (attempt {attempt})",
    payments.PaymentCaptured: "The payment provider took {amount}",
    payments.CaptureRefused: "The payment provider refused to take the money: {reason}",
    payments.VoidAttempted: "Payment provider called to let go of the money set aside (attempt {attempt})",
    payments.PaymentVoided: "The payment provider let go of the money set aside",
    payments.RefundAttempted: "Payment provider called to give {amount} back (attempt {attempt})",
    payments.PaymentRefunded: "The payment provider gave {amount} back",
    payments.PaymentClosed: "The payment provider holds no money for the order; the payment is closed",
    shipping.BookingAttempted: "Carrier called to take the shipment (attempt {attempt})",
    shipping.ShipmentCallUnanswered: "No outcome of attempt {attempt}: {detail}",
    shipping.ShipmentCallPostponed: "Attempt {attempt} is put off: {detail}",
    shipping.ShipmentScheduled: "{carrier} takes the shipment: tracking number {tracking_number}, expected {estimated_delivery}",
    shipping.ShipmentRefused: "The carrier does not take the shipment: {reason}",
    shipping.BookingOutcomeUnknown: "After {attempts} calls nobody knows whether the carrier takes the shipment",
    shipping.ShipmentAnswerDiffered: "The carrier {answered} instead of {asked}",
    shipping.SecondBookingFound: "The carrier booked a second shipment ({booking_id})",
    shipping.SecondBookingCancelled: "The carrier dropped the second shipment ({booking_id})",
    shipping.SecondBookingKept: "The carrier does not drop the second shipment: {reason}",
    shipping.ShipmentCancellationAttempted: "Carrier called to drop the shipment (attempt {attempt})",
    shipping.ShipmentCancelled: "The carrier dropped the shipment",
    shipping.ShipmentCancellationRefused: "The shipment cannot be stopped any more: {reason}",
    shipping.ShipmentClosed: "The carrier knows of no shipment for the order; the shipment is closed",
    shipping.ShipmentDispatched: "{who} noted that the shipment left the house",
    shipping.ShipmentDelivered: "{who} noted that the shipment arrived",
    saga.ProcessStarted: "The process manager takes the order in hand",
    saga.StepSucceeded: "Step done: {step}",
    saga.ShipmentBooked: "Step done: shipment, with {carrier} under {tracking_number}",
    saga.StepFailed: "Step failed: {step} ({reason}){unless_known}",
    saga.StepPostponed: "The order waits, and is not given up for it: {detail}",
    saga.StepUndone: "Step undone: {step}",
    saga.LateOutcomeFound: "It came to light that the step was done after it had been given up: {step}; it is undone now",
    saga.LateOutcomeUndone: "What came to light late is undone: {step}",
    saga.StockReservationRequested: "Inventory is asked to reserve {wanted}",
    saga.StockReleaseRequested: "Compensation: inventory is asked to give back what it reserved",
    saga.StockDispatchRequested: "Inventory is asked to book out what left with the shipment",
    saga.AuthorizationRequested: "Payments is asked to set {amount} aside on {payment_method}",
    saga.CaptureRequested: "Payments is asked to take {amount}",
    saga.VoidRequested: "Compensation: payments is asked to let go of the money set aside",
    saga.RefundRequested: "Compensation: payments is asked to give the money back",
    saga.ShipmentRequested: "Shipping is asked to book a shipment",
    saga.ShipmentCancellationRequested: "Compensation: shipping is asked to stop the shipment",
    saga.DeadlineSet: "Deadline set: {name}, due at {due_at}",
    saga.DeadlinePassed: "Deadline passed: {name}",
    saga.CompensationStarted: "What was done is undone from now on ({reason}); the order is to end {outcome}",
    saga.CompensationAbandoned: "The order stands, as the shipment could not be stopped: {cause}",
    saga.CaseOpened: "A person has to look: {detail}",
    saga.ProcessCompensated: "Everything is undone; the order ends {ending}",
    saga.ProcessCompleted: "Everything is done",
    saga.ParcelDispatched: "The process manager notes that the shipment left",
    saga.ParcelDelivered: "The process manager notes that the shipment arrived",
    PersonalDataRead: "{who} looked at {orders} ({what})",
    TokenIssued: "A token for {role} {subject}, good until {expires_at}, was given to {os_user} on {host} (commerce {command})",
}


def tell_event(event: Event, actor: str) -> str:
    """An event as a sentence; `actor` is who did it, as the log says. Total over all events that a log can hold."""
    return fill(_WORDS[type(event)], event, told_actor(actor), _implied(event, actor))


def fill(words: str, event: Event, who: str, implied: Mapping[str, str] = MappingProxyType({})) -> str:
    """Words with what an event says, and what it implies, in the place of its fields' names: one line, whatever
    older logs hold."""
    said = {name: _said(value) for name, value in event if not isinstance(value, int)}
    counted = {name: value for name, value in event if isinstance(value, int)}
    return cleaned(words.format_map({**said, **counted, "who": who, **implied}), _LONGEST_CHARACTERS)


def told_actor(actor: str) -> str:
    """Who did something, in plain words."""
    role, _, subject = actor.partition(":")
    return "the process manager" if actor == "service:saga" else f"{role} {subject}"


def _implied(event: Event, actor: str) -> dict[str, str]:
    """What an event says by leaving something out."""
    match event:
        case ordering.OrderPlaced(customer_id=customer):
            buyer = "a guest" if customer is None else f"customer {customer}"
            return {"buyer": "themselves" if actor == f"customer:{customer}" else buyer}
        case saga.StepFailed(outcome_known=known):
            return {"unless_known": "" if known else "; whether it was done is not known"}
        case saga.ProcessCompensated(outcome=outcome, reason=reason):
            return {"ending": outcome if reason == outcome else f"{outcome} ({reason})"}
        case PersonalDataRead(orders=orders):
            return {"orders": f"order {orders[0]}" if len(orders) == 1 else f"{len(orders)} orders"}
        case _:
            return {}


def _said(value: object) -> str:
    match value:
        case ordering.OrderLine():
            return f"{value.quantity} × {value.sku} at {value.unit_price}"
        case stock.Quantity() | saga.Wanted():
            return f"{value.quantity} × {value.sku}"
        case stock.Shortage():
            return f"{value.requested} × {value.sku} wanted, {value.available} there"
        case tuple():
            return _listed(value)
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        case _:
            return str(value)


def _listed(values: Sequence[object]) -> str:
    told = [_said(value) for value in values[:_SHOWN_ITEMS]]
    more = len(values) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")
