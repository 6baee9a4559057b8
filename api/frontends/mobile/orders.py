"""A customer's orders for a client that keeps them, and asks for what changed since."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from pydantic_core import to_json
from starlette.routing import Route

from api.auth import let_in
from api.http.answer_headers import tagged
from api.http.error_statuses import MEDIA_TYPE
from api.pages.api_calls import ApiCalls, ApiProblem, Document
from api.permissions import FRONT_DOORS, Rule, rule_of
from api.queries.consistency import HEADER, write_position

PAGE_ORDERS = 100
_KEPT = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


class MobileRoute(Route):
    """A route of this front door: it lets in whom the API's route lets in whose row it names."""

    sees_to_its_rule = True

    def __init__(self, path: str, found: Any) -> None:
        row = f"GET {path}"
        rule = rule_of(row)
        assert isinstance(rule, Rule)

        async def answer(request: Request) -> Response:
            request.scope["route"] = self
            let_in(request, FRONT_DOORS[row], rule)
            try:
                document = await found(request, ApiCalls(request, request.headers.get(HEADER)))
            except ApiProblem as problem:
                return Response(to_json(problem.document), problem.status, media_type=MEDIA_TYPE)
            return tagged(request, Response(to_json(document), 200, _KEPT, "application/json"))

        super().__init__(path, answer, methods=["GET"])


async def _changed(request: Request, calls: ApiCalls) -> Document:
    """What changed since the position that the client kept.

    It sends `cursor` as long as it gets `next_cursor`, and keeps `since` of the first page once it has all of them.
    """
    since = request.query_params.get("since") or write_position(0)
    asked = {"changed_since": since, "cursor": request.query_params.get("cursor"), "limit": PAGE_ORDERS}
    answer = await calls.ask("/api/v1/orders", asked)
    page = answer.document
    orders = [_compact(order) for order in page["items"]]
    until = answer.position if orders else since  # where nothing changed the answer does not, either
    return {"orders": orders, "since": until, "next_cursor": page["next_cursor"]}


async def _one(request: Request, calls: ApiCalls) -> Document:
    """One order."""
    return _compact(await calls.get(f"/api/v1/orders/{request.path_params['order_id']}"))


def _compact(order: Document) -> Document:
    lines = [{"sku": line["sku"], "name": line["name"], "quantity": line["quantity"]} for line in order["lines"]]
    kept = ("order_id", "number", "status", "reason", "total", "tracking_number", "estimated_delivery", "version")
    times = {name: order[name] for name in ("placed_at", "updated_at")}
    return {**{name: order[name] for name in kept if order[name] is not None}, **times, "lines": lines}


routes = (
    MobileRoute("/mobile/v1/orders", _changed),
    MobileRoute("/mobile/v1/orders/{order_id}", _one),
)
