"""Orders: place them, find them, see them, cancel them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic_core import to_json

from api.auth import Admitted, Caller
from api.bulk.export_answer import ExportAnswer, no_pages, wants_lines
from api.bulk.exports import EXPORTED_ORDERS, WantedOrders, order_pages
from api.context import AppContext, context_of
from api.http.conditional_headers import expected_versions
from api.http.errors import not_yet
from api.http.idempotency import answer_once, answer_repeatable, keyed_request
from api.http.preference import APPLIED, preferred
from api.http.resource import Answer, Resource, page_answer
from api.openapi.headers import IDEMPOTENCY_KEY, IF_MATCH, KEY_IF_WANTED, PREFER
from api.orders.cancellation import Cancellation
from api.orders.completion import CompletedOrder
from api.orders.customer_actions import action_for, awaited_actions
from api.orders.placement import claim_of, place, placed_by, without_owner
from api.orders.search import OrderSearch, Search
from api.queries.access_records import record_access
from api.queries.consistency import HEADER, write_position
from api.schemas.answers import command_answer, json_answer, versioned_answer
from api.schemas.bulk import ORDER_LINES
from api.schemas.order_requests import CancellationRequest, PlaceOrder
from api.schemas.orders import EXAMPLE_ACCEPTED, EXAMPLE_ORDER, OrderAccepted, OrderView, opened_orders
from api.schemas.parameters import AsOf, Paging, Version
from commerce.audit.state import Rebuilt, rebuild_state, rebuilt
from commerce.eventstore import Recorded
from commerce.ordering.commands import placing_position
from commerce.ordering.number import number_of
from commerce.ordering.order import Order, OrderStatus
from commerce.payments.tries import CustomerAction
from commerce.values import ids
from commerce.values.errors import InvalidInput, NotFound
from projections.engine.pages import Page
from projections.engine.progress import log_reached, shown_until
from projections.orders import ORDERS, OrderRow, find_orders

router = Resource("/api/v1/orders", "orders")


@router.command(
    "POST",
    "",
    Answer(OrderAccepted, 202, EXAMPLE_ACCEPTED, ("Location", HEADER, APPLIED)),
    Answer(
        OrderView,
        headers=("Location", "ETag", HEADER, APPLIED),
        description="The order has ended, or waits for its customer to confirm the payment (`payment_action`).",
    ),
    problems=(400, 409, 413, 415),
    reads=(IDEMPOTENCY_KEY, PREFER),
)
async def place_order(command: PlaceOrder, request: Request, caller: Admitted) -> Response:
    """Place an order.

    Stock, payment and shipment are handled afterwards; `GET /orders/{order_id}` shows the result.
    """
    context = context_of(request)
    attempt = keyed_request(request, caller, command, without_owner(caller, command))
    order_id, remembered_s = ids.new_order_id(), context.ordering.remembered_s
    answer = to_json({"order_id": order_id, "version": 1, "status": OrderStatus.PLACED})
    outcome = await answer_once(
        request,
        attempt,
        answer,
        lambda key: place(context, caller, order_id, command, key),
        compared_s=remembered_s,
    )
    if outcome.answer is not answer:
        order_id = placed_by(outcome, remembered_s)
    about = {"Location": f"{router.prefix}/{order_id}"}
    if ended := await awaited_order(request, order_id, about):
        return await shown_order(request, ended.order, about, ended.action)
    placed = placing_position(outcome.position, has_reference=command.reference is not None)
    return command_answer(202, _numbered(outcome.answer, number_of(placed)), outcome.position, about)


@router.query("", page_answer(Page[OrderView], EXAMPLE_ORDER, (HEADER,)), ORDER_LINES)
async def list_orders(
    request: Request,
    caller: Admitted,
    paging: Paging,
    search: Search,
    *,
    customer_id: UUID | None = None,
    status: Annotated[
        list[OrderStatus] | None, Query(description="Only those at this status, or at one of several.")
    ] = None,
    oldest_first: Annotated[bool, Query(description="Those that were placed first come first.")] = False,
) -> Response:
    """List orders, newest first or `oldest_first`, or find them; customers see and find their own only.

    What is given has to fit all together. A cursor goes on in the direction that it is of. With `changed_since` the
    header `Commerce-Position` says what to send as that the next time; of several pages, the first one's. With
    `Accept: application/x-ndjson` all orders come, oldest first, one on each line.
    """
    context = context_of(request)
    pool = await context.read_models.show(ORDERS, request)
    owner = caller.customer_id or customer_id
    if search.changed_since is not None and owner is None:
        raise InvalidInput("changed_since is of one customer; send customer_id, too", "changed_since")
    as_lines = wants_lines(request)
    if customer_id not in (None, owner):
        return ExportAnswer(request, caller, no_pages()) if as_lines else json_answer(Page([], None))
    await _reach_named(context, caller, search)
    found = await search.conditions(context)
    if as_lines:
        wanted = WantedOrders(owner, status, found)
        return ExportAnswer(request, caller, order_pages(request, caller, wanted, paging.place(EXPORTED_ORDERS)))
    about = {} if search.changed_since is None else {HEADER: write_position(await shown_until(pool, ORDERS))}
    page = await find_orders(
        pool, customer_id=owner, statuses=status, found=found, paging=paging, is_oldest_first=oldest_first
    )
    await record_access(request, caller, [order.order_id for order in page.items])
    actions = await awaited_actions(context.store, page.items)
    return json_answer(Page(await opened_orders(context.store.keys, page.items, actions), page.next_cursor), about)


@router.query("/{order_id}", Answer(OrderView, headers=("ETag",)), problems=(404,))
async def get_order(
    order_id: UUID, request: Request, caller: Admitted, version: Version = None, as_of: AsOf = None
) -> Response:
    """See an order, as it is now or as it was."""
    if version is None and as_of is None:
        order, action = await _present_order(request, caller, order_id)
    else:
        order, action = await order_of_caller(request, caller, order_id, version=version, as_of=as_of), None
    if version is not None and order.state.version != version:
        raise NotFound(f"order {order_id} has {order.state.version} versions, and none {version}")
    await record_access(request, caller, [order_id])
    return await shown_order(request, order, {}, action)


@router.command(
    "POST",
    "/{order_id}/cancellation",
    Answer(OrderAccepted, 202, EXAMPLE_ACCEPTED, (HEADER, APPLIED)),
    Answer(
        OrderView,
        headers=("ETag", HEADER, APPLIED),
        description="It is decided: the order is cancelled, or goes on as before (`cancellation_refused`).",
    ),
    problems=(400, 404, 409, 412),
    reads=(KEY_IF_WANTED, IF_MATCH, PREFER),
)
async def cancel_order(order_id: UUID, command: CancellationRequest, request: Request, caller: Admitted) -> Response:
    """Request the cancellation of an order.

    What was done for it is undone first; if its shipment has already left, the order stays as it is.
    """
    store = context_of(request).store
    order = await order_of_caller(request, caller, order_id)
    cancellation = Cancellation(order_id, command.reason, caller.metadata, expected_versions(request))
    accepted = await answer_repeatable(request, caller, command, lambda: cancellation.ask_for(store, order))
    about: dict[str, str] = {}
    if ended := await awaited_order(request, order_id, about):
        await record_access(request, caller, [order_id])
        return await shown_order(request, ended.order, about, ended.action)
    return command_answer(202, _numbered(accepted.answer, order.number), accepted.position, about)


async def awaited_order(
    request: Request, order_id: UUID, about: dict[str, str], after: int = 0
) -> CompletedOrder | None:
    """The order once it waits for nothing more, or for its customer, where the client prefers to wait and it takes no
    longer; `about` are the headers of the answer, and `after` is as in `Completions.wait`."""
    completions = context_of(request).completions
    ended = await preferred(request, about, lambda seconds: completions.wait(order_id, seconds, after))
    if ended is not None:
        about[HEADER] = write_position(ended.position)
    return ended


def _numbered(answer: bytes, number: str) -> bytes:
    """An answer with the order's number, which follows from the log and is not remembered with it."""
    return b'%b,"number":"%b"}' % (answer[:-1], number.encode())


async def _reach_named(context: AppContext, caller: Caller, search: OrderSearch) -> None:
    """Wait until the one order that is named can be shown: it is never said not to be there. Raises `Unavailable`."""
    position = search.position
    if search.reference is not None:  # of the caller's own channel
        claimed = await context.store.read_stream(claim_of(context, caller.identity, search.reference))
        position = max(position or 0, claimed[-1].position) if claimed else position
    if position is not None and await log_reached(context.store.pool, position):
        await context.read_models.reach(ORDERS, position)


async def order_of_caller(
    request: Request, caller: Caller, order_id: UUID, *, version: int | None = None, as_of: datetime | None = None
) -> OrderRow:
    """An order from its own stream, which is never behind a command.

    Whose it is comes first, so that an order of others costs the same as none. Raises `NotFound` for both.
    """
    store = context_of(request).store
    order = _order_in((await store.read_together([order_id]))[order_id], caller, order_id)
    if version is None and as_of is None:
        return order
    found = await rebuild_state(store, order_id, until_version=version, until_time=as_of)
    if found is None and as_of is not None:
        raise not_yet(f"order {order_id}", as_of)
    assert found is not None  # every order has a first version
    return _row(order_id, found)


async def _present_order(request: Request, caller: Caller, order_id: UUID) -> tuple[OrderRow, CustomerAction | None]:
    """An order of the caller, and what its customer has to do now, by one query. Raises `NotFound`."""
    payment_id = ids.payment_id(order_id)
    found = await context_of(request).store.read_together([order_id, payment_id])
    order = _order_in(found[order_id], caller, order_id)
    return order, action_for(order, found[payment_id])


def _order_in(history: Sequence[Recorded], caller: Caller, order_id: UUID) -> OrderRow:
    found = rebuilt(history)
    if found is None or not isinstance(found.state, Order):
        raise NotFound(f"there is no order {order_id}")
    caller.must_own(found.state.customer_id, f"order {order_id}")
    return _row(order_id, found)


def _row(order_id: UUID, found: Rebuilt) -> OrderRow:
    assert isinstance(found.state, Order)
    first = found.first
    return OrderRow(order_id, first.position, first.recorded_at, found.last.recorded_at, found.state)


async def shown_order(
    request: Request, order: OrderRow, about: dict[str, str], action: CustomerAction | None
) -> Response:
    """An order, with what its customer has to do; `about` are further headers of the answer."""
    actions = {} if action is None else {order.order_id: action}
    (plain,) = await opened_orders(context_of(request).store.keys, [order], actions)
    of_stream = action is None and plain.personal_data == "readable"
    return versioned_answer(plain, order.state.version, of_stream=of_stream, headers=about)
