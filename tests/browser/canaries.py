"""What would become code on a page that does not escape it, written into every field that takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
from pydantic_core import to_json

from commerce.values import ids
from tests.browser.action_world import World
from tests.integration.api.conftest import key
from tests.integration.api.test_cases import has_case, settled
from tests.integration.api.test_plans import signed
from tests.integration.api.test_refunds import paid
from tests.integration.rebuild.conftest import parked
from tests.integration.rebuild.test_standing_still import HUGE, write
from tests.waiting import eventually

CANARY = '"><img src=x onerror=alert(1)>{{7*7}}<script>alert(2)</script>'
SHORT = '"><script>alert(3)'
"""For fields of 20 characters."""
SKU = '"><img src=x onerror=alert(4)>'
"""A SKU has no slash."""
WORD = '"><svg/onload=alert(5)>'
"""For fields that take no space."""
ATTACKS = (CANARY, SHORT, SKU, WORD)
TRACES = "main img, [onerror], [onload], script:not([src])"
"""What is on a page that has let one in, whether it has run or not."""
_EUROS = {"amount": "10.00", "currency": "EUR"}
_LINES = [{"sku": SKU, "quantity": 1}]
_PLACE = {**dict.fromkeys(("name", "line1", "line2", "city", "region"), CANARY), "postcode": SHORT, "country": "GB"}
_WHY = {"reason": CANARY}


@dataclass(frozen=True, slots=True)
class Written:
    """A request with canaries in it, by its row in the API's table."""

    row: str
    content: Any
    about: str = "order"
    """Which of the orders that stand for `{order_id}`."""

    @property
    def fields(self) -> Iterator[str]:
        """The fields that have one, as the OpenAPI document names them."""
        return _with_canaries(self.content, "")


_PERSON = {"given_name": CANARY, "family_name": CANARY, "addresses": [_PLACE]}
WRITTEN: Sequence[Written] = (
    Written("PUT /products/{sku}", {"name": CANARY, "description": CANARY, "price": _EUROS, "prices": [_EUROS]}),
    Written("POST /inventory/{sku}/receipts", {"quantity": 9}),
    Written("POST /inventory/{sku}/adjustments", {"quantity": 1, **_WHY}),
    Written("POST /customers", {"email": "eve'&{{7*7}}@example.org", "password": "a sentence of hers", **_PERSON}),
    Written("PATCH /customers/me", _PERSON),
    Written(
        "POST /orders",
        {
            "currency": "EUR",
            "lines": _LINES,
            "shipping_address": _PLACE,
            "payment_method": CANARY,
            "reference": CANARY,
        },
    ),
    Written("POST /orders/{order_id}/cancellation", _WHY),
    Written("POST /orders/{order_id}/refunds", {"amount": {"amount": "4.00", "currency": "EUR"}, **_WHY}, "paid"),
    Written("POST /ops/cases/{order_id}/assignment", {"owner": CANARY}, "case"),
    Written("POST /ops/cases/{order_id}/notes", {"note": CANARY}, "case"),
    Written("POST /ops/processes/{order_id}/retry", _WHY, "case"),
    Written("POST /ops/processes/{order_id}/compensate", _WHY, "undone"),
    Written("POST /ops/processes/{order_id}/skip", _WHY, "undone"),
    Written("POST /ops/processes/{order_id}/resolve", {**_WHY, "reference": CANARY}, "undone"),
    Written("POST /ops/parked/{group}/retry", _WHY),
    Written("POST /ops/parked/{group}/edit", {**_WHY, "payload": {"quantity": 4}}),
    Written("POST /ops/parked/{group}/discard", _WHY),
    Written("POST /auth/keys", {"service": CANARY, "scopes": ["stock:read"]}),
    Written("POST /webhook-endpoints", {"url": f"https://erp.example/{WORD}"}),
    Written("POST /webhooks/{provider}", {"id": WORD, "type": WORD, "created": 1_795_947_305, "data": {}}),
)
"""In the order in which they are sent."""

NOT_KEPT: Mapping[str, str] = {
    "token": "a secret, or refused",
    "token_type_hint": "not kept",
    "otp": "a secret",
    "code": "a secret",
    "refresh_token": "a secret",
    "scope": "names of scopes, or refused",
    "password": "a secret",
    "username": "an address, or refused",
    "request": "a name of the process, or refused",
    "topic": "a name of an event, or refused",
    "": "lines of the same fields as single requests have",
}
"""Fields that take any text and keep none, by their last name, and why."""
COVERED_ELSEWHERE = {
    "POST /orders/{order_id}/payment/attempts payment_method": "the order's own is shown by the same words",
    "PATCH /webhook-endpoints/{endpoint_id} url": "the one that it was added with is shown by the same words",
}


async def write_canaries(world: World) -> dict[str, str]:
    """Send all of it; answers what stands for each parameter of a page's path."""
    known: dict[str, str] = {"sku": SKU, "name": "orders", "provider": "http", "position": "1"}

    async def nothing_is_parked() -> bool:
        return not await parked(world.shop.store)

    for one in WRITTEN:
        await _prepare(world, one, known)
        answer = await _send(world, one, known)
        assert answer.is_success, (one.row, answer.text)
        known |= {name: str(answer.json()[name]) for name in _NAMES if answer.content and name in answer.json()}
        if one.row.endswith(("/edit", "/discard")):
            await eventually(nothing_is_parked)
        if not world.follows:
            await settled(world.shop)
    known["order_id"] = known["placed"]
    return known


_NAMES = ("customer_id", "key_id", "endpoint_id")


async def _prepare(world: World, one: Written, known: dict[str, str]) -> None:
    """Make what the request is about, where there is none yet."""
    if one.about not in known:
        match one.about:
            case "paid":
                known["paid"] = str(await paid(world.shop))
            case "case" | "undone":
                known[one.about] = await has_case(world.shop)
    if one.row.startswith("POST /ops/parked/"):
        if "group" not in known:
            await world.shop.stock("mug")
            await world.shop.show()
        if not await parked(world.shop.store):
            write(world.database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
        await world.follow()
        await eventually(lambda: parked(world.shop.store))
        (group, *_) = (await world.shop.client("operator").get("/ops/parked")).json()["items"]
        known["group"] = group["group"]


async def _send(world: World, one: Written, known: dict[str, str]) -> httpx2.Response:
    method, _, path = one.row.partition(" ")
    content, headers = one.content, key()
    client = world.shop.client("operator")
    match one.row:
        case "POST /orders":
            content = {**content, "customer_id": known["customer_id"]}
        case "PATCH /customers/me":
            client = world.shop.client("customer", known["customer_id"])
        case "POST /webhooks/{provider}":
            client, body = world.shop.client(), to_json(content).decode()
            return await client.post("/webhooks/http", content=body, headers=signed(body))
    about = {**known, "order_id": known.get(one.about, known.get("placed", ""))}
    place = path.format_map({name: quote(value, safe="") for name, value in about.items()})
    answer = await client.request(method, place, json=content, headers=headers)
    if one.row == "POST /orders":
        known["placed"] = str(answer.raise_for_status().json()["order_id"])
    return answer


def _with_canaries(content: Any, path: str) -> Iterator[str]:
    match content:
        case str() if any(attack in content for attack in ATTACKS):
            yield path
        case dict():
            for name, value in content.items():
                yield from _with_canaries(value, f"{path}.{name}" if path else name)
        case list():
            for value in content:
                yield from _with_canaries(value, f"{path}[]")
