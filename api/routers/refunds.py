"""Refunds: part of what was paid for an order, or all of it, given back as somebody of the shop asks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic_core import from_json, to_json

from api.auth import Admitted, Caller
from api.context import context_of
from api.http.idempotency import Outcome, answer_once, keyed_request
from api.http.preference import APPLIED, preferred
from api.http.resource import Answer, Resource, page_answer
from api.openapi.headers import IDEMPOTENCY_KEY, PREFER
from api.orders.person_key import key_of_order
from api.orders.refunds import new_refund, refunds_of, settled_refund
from api.queries.access_records import record_access
from api.queries.consistency import HEADER, write_position
from api.routers.orders import order_of_caller
from api.schemas.answers import command_answer, json_answer
from api.schemas.parameters import Paging
from api.schemas.refunds import (
    EXAMPLE_LISTED_REFUND,
    EXAMPLE_REFUND,
    EXAMPLE_REFUND_ACCEPTED,
    EXAMPLE_REFUND_PREVIEW,
    ListedRefund,
    RefundAccepted,
    RefundOutcome,
    RefundPreview,
    RefundRequest,
    RefundView,
    listed_refund,
)
from commerce.audit.actor_names import actor_name, names_of
from commerce.eventstore import Accepted, Idempotency, KeyExists, Sealed
from commerce.ordering.order import Order
from commerce.payments import refund_commands, refund_decisions
from commerce.payments.payment import fold
from commerce.payments.payment_actions import actions_after
from commerce.payments.requested_refunds import RefundStatus
from commerce.values import ids
from commerce.values.errors import Unavailable, saying_how_it_stands
from projections.engine.pages import Page, page_of
from projections.orders import OrderRow, numbers_of
from projections.refunds import REFUNDS, find_refunds

router = Resource("/api/v1", "orders")


@router.command(
    "POST",
    "/orders/{order_id}/refunds",
    Answer(RefundAccepted, 202, EXAMPLE_REFUND_ACCEPTED, (HEADER, APPLIED)),
    Answer(
        RefundOutcome,
        200,
        EXAMPLE_REFUND_PREVIEW,
        (HEADER, APPLIED),
        "With `dry_run=true`, a preview. With `Prefer: wait`, the refund with its outcome.",
    ),
    problems=(400, 404, 409),
    reads=(IDEMPOTENCY_KEY, PREFER),
)
async def request_refund(
    order_id: UUID,
    command: RefundRequest,
    request: Request,
    caller: Admitted,
    *,
    dry_run: Annotated[bool, Query(description="Only say what it would mean; nothing is recorded.")] = False,
) -> Response:
    """Give money back, any number of times, up to what was paid.

    It is done afterwards; `GET /orders/{order_id}/refunds` shows what became of it. The order and its shipment stay as
    they are. An answer 409 says what is left.
    """
    order = await order_of_caller(request, caller, order_id)
    if dry_run:
        return await _preview(request, order.state, command)
    outcome = await _accepted(request, caller, order, command)
    context, about = context_of(request), dict[str, str]()
    refund_id = UUID(from_json(outcome.answer)["refund_id"])
    settled = await preferred(
        request,
        about,
        lambda seconds: context.completions.until(
            order_id, lambda: settled_refund(context.store, order_id, refund_id, caller), seconds
        ),
    )
    if settled is None:
        return command_answer(202, outcome.answer, outcome.position, about)
    await record_access(request, caller, [order_id])
    return json_answer(settled[0], {**about, HEADER: write_position(settled[1])})


@router.query("/orders/{order_id}/refunds", page_answer(Page[RefundView], EXAMPLE_REFUND), problems=(404,))
async def list_refunds(order_id: UUID, request: Request, caller: Admitted, paging: Paging) -> Response:
    """List the refunds of an order, those asked for last first; what a cancellation gives back is none."""
    await order_of_caller(request, caller, order_id)
    await record_access(request, caller, [order_id])
    refunds = await refunds_of(context_of(request).store, order_id, caller)
    place = {refund.refund_id: position for position, refund in refunds.items()}
    return json_answer(page_of("refunds", refunds.values(), lambda one: (-place[one.refund_id],), paging))


@router.query("/refunds", page_answer(Page[ListedRefund], EXAMPLE_LISTED_REFUND))
async def list_all_refunds(
    request: Request,
    caller: Admitted,
    paging: Paging,
    status: Annotated[RefundStatus | None, Query(description="Only those that stand there.")] = None,
) -> Response:
    """List the refunds of all orders, those asked for last first; what a cancellation gives back is none."""
    context = context_of(request)
    pool = await context.read_models.show(REFUNDS, request)
    page = await find_refunds(pool, paging, status)
    await record_access(request, caller, [row.order_id for row in page.items])
    numbers = await numbers_of(pool, (row.order_id for row in page.items))
    names = await names_of(context.store, [row.requested_by for row in page.items])
    plain = await context.store.keys.open_readable([row.reason for row in page.items])
    views = [
        listed_refund(row, numbers.get(row.order_id), plain.get(row.reason), actor_name(row.requested_by, names))
        for row in page.items
    ]
    return json_answer(Page(views, page.next_cursor))


async def _accepted(request: Request, caller: Caller, order: OrderRow, command: RefundRequest) -> Outcome:
    store = context_of(request).store
    attempt = keyed_request(request, caller, command)
    key = await key_of_order(store, order)
    refund_id = ids.refund_id(attempt.scope, attempt.key)
    new = new_refund(order.state, refund_id, command, key.seal(command.reason))

    async def handle(idempotency: Idempotency) -> Accepted:
        try:
            return await refund_commands.request_refund(
                store, order.order_id, new, caller.metadata, idempotency=idempotency, keys=key.new
            )
        except KeyExists:
            raise Unavailable("somebody else wrote about this order at the same time; try again") from None

    answer = {
        "refund_id": refund_id,
        "order_id": order.order_id,
        "status": RefundStatus.REQUESTED,
        "amount": new.amount,
    }
    return await answer_once(request, attempt, to_json(answer), handle)


async def _preview(request: Request, order: Order, command: RefundRequest) -> Response:
    """Decide on the payment as it is now, and record nothing."""
    history = await context_of(request).store.read_stream(ids.payment_id(order.id))
    payment = fold(recorded.event for recorded in history)
    new = new_refund(order, ids.refund_id("", ""), command, Sealed(""))
    with saying_how_it_stands(len(history), lambda: actions_after(one.event for one in history)):
        refund_decisions.accept_refund(payment, order.id, new)
    assert payment is not None  # or it would have been rejected
    assert payment.refundable is not None
    return json_answer(RefundPreview(order.id, new.amount, new.lines, payment.refundable - new.amount))
