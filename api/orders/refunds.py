"""Refunds of an order: what a request means at the prices that were paid, and what became of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from api.auth import Caller
from api.schemas.refunds import RefundLineRequest, RefundRequest, RefundView, SettledRefund
from commerce.eventstore import EventStore, Recorded, Sealed
from commerce.ordering.order import Order
from commerce.payments.events import (
    PaymentAnswerDiffered,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRefundRequested,
    RefundLine,
)
from commerce.payments.payment import fold
from commerce.payments.refund_decisions import NewRefund
from commerce.payments.requested_refunds import RefundStatus, gave_back
from commerce.values import ids
from commerce.values.errors import InvalidInput
from commerce.values.money import total


def new_refund(order: Order, refund_id: UUID, request: RefundRequest, reason: Sealed) -> NewRefund:
    """What a request asks for, at the prices of the order. Raises `InvalidInput`, naming the field."""
    if (request.amount is None) == (request.lines is None):
        raise InvalidInput("name either an amount or lines", "amount")
    if request.amount is not None:
        return NewRefund(refund_id=refund_id, amount=request.amount.money("amount"), reason=reason)
    lines = _lines(order, request.lines or [])
    return NewRefund(
        refund_id=refund_id,
        amount=total((line.amount for line in lines), order.currency),
        reason=reason,
        lines=lines,
        ordered={line.line: order.lines[line.line - 1].quantity for line in lines},
    )


def _lines(order: Order, wanted: Sequence[RefundLineRequest]) -> tuple[RefundLine, ...]:
    found: dict[int, RefundLine] = {}
    for place, one in enumerate(wanted):
        if one.line > len(order.lines):
            raise InvalidInput(f"the order has {len(order.lines)} lines, and none {one.line}", f"lines[{place}].line")
        if one.line in found:
            raise InvalidInput(f"line {one.line} is named twice; add the pieces up", f"lines[{place}].line")
        ordered = order.lines[one.line - 1]
        amount = ordered.unit_price * one.quantity
        found[one.line] = RefundLine(line=one.line, sku=ordered.sku, quantity=one.quantity, amount=amount)
    return tuple(found.values())


async def refunds_of(store: EventStore, order_id: UUID, caller: Caller) -> dict[int, RefundView]:
    """The refunds of an order by the position at which they were asked for; customers are not told by whom, and why."""
    return await _refunds_in(await _payment_of(store, order_id), store, order_id, caller)


async def settled_refund(
    store: EventStore, order_id: UUID, refund_id: UUID, caller: Caller
) -> tuple[SettledRefund, int] | None:
    """A refund that has its outcome, and the position by which that is shown; None where it has none yet."""
    history = await _payment_of(store, order_id)
    found = await _refunds_in(history, store, order_id, caller)
    refund = next((one for one in found.values() if one.refund_id == refund_id), None)
    payment = fold(recorded.event for recorded in history)
    if refund is None or refund.status is RefundStatus.REQUESTED or payment is None or payment.refundable is None:
        return None
    said = {field.name: getattr(refund, field.name) for field in fields(refund)}
    return SettledRefund(**said, left=payment.refundable), history[-1].position


async def _payment_of(store: EventStore, order_id: UUID) -> Sequence[Recorded]:
    payment_id = ids.payment_id(order_id)
    return (await store.read_together([payment_id]))[payment_id]


async def _refunds_in(
    history: Sequence[Recorded], store: EventStore, order_id: UUID, caller: Caller
) -> dict[int, RefundView]:
    payment = fold(recorded.event for recorded in history)
    refunds = payment.refunds if payment is not None else {}
    asked = {
        recorded.position: (recorded, recorded.event)
        for recorded in history
        if isinstance(recorded.event, PaymentRefundRequested)
    }
    is_within = caller.customer_id is None
    plain = await store.keys.open_readable([event.reason for _, event in asked.values()]) if is_within else {}
    settled = _settled(history)
    return {
        position: RefundView(
            refund_id=event.request_id,
            order_id=order_id,
            status=refunds[event.request_id].status,
            amount=event.amount,
            lines=event.lines,
            failure=refunds[event.request_id].failure,
            reason=plain.get(event.reason),
            requested_by=recorded.actor if is_within else None,
            requested_at=recorded.recorded_at,
            settled_at=settled.get(event.request_id),
        )
        for position, (recorded, event) in asked.items()
    }


def _settled(history: Sequence[Recorded]) -> dict[UUID, datetime]:
    """When each request of the payment to give money back had its outcome."""
    found: dict[UUID, datetime] = {}
    for recorded in history:
        match recorded.event:
            case PaymentRefunded() | PaymentRefundFailed() as event:
                found.setdefault(event.request_id, recorded.recorded_at)
            case PaymentAnswerDiffered() as event if gave_back(event):
                found.setdefault(event.request_id, recorded.recorded_at)
    return found
