"""The demonstration sees each order to its end, and says so when one ends otherwise than expected, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import httpx2
import pytest
import stamina
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commerce.cli.client.api import Provider, Site
from commerce.cli.client.http_client import RetryingClient
from commerce.cli.client.shop import Shop
from commerce.cli.demo import order_watch
from commerce.cli.demo.order_watch import Watched, see_all_through
from commerce.cli.demo.scenarios import CURRENCY, PRODUCTS, SCENARIOS, Act, ExpectedOutcome, Scenario
from commerce.values.money import Money
from tests.unit.cli.answers import example, money

ORDER_ID = UUID(int=5)
PAID = [
    {"order_id": str(ORDER_ID), "kind": kind, "amount": "14.00", "currency": CURRENCY}
    for kind in ("authorized", "captured")
]
FOURTEEN = Money.of("14", CURRENCY)


class Desk:
    """One order that is, at each look, what comes next in `statuses`; its last status stays."""

    def __init__(self, *statuses: str, ledger: list[dict[str, str]] | None = None) -> None:
        self._statuses = list(statuses)
        self._ledger = ledger or []
        self.posted: list[str] = []
        self.app = Starlette(
            routes=[
                Route("/api/v1/orders/{id}", self._order),
                Route("/api/v1/orders/{id}/process", self._process),
                Route("/api/v1/orders/{id}/shipments", self._shipments),
                Route("/ledger", self._entries),
                Route("/{path:path}", self._post, methods=["POST"]),
            ]
        )

    async def _order(self, _request: Request) -> Response:
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        return JSONResponse(example("Order", order_id=str(ORDER_ID), status=status, total=money("14.00")))

    async def _process(self, _request: Request) -> Response:
        return JSONResponse(example("Process", waiting_for="the money to be taken"))

    async def _shipments(self, _request: Request) -> Response:
        return JSONResponse({"items": [example("Shipment", status="scheduled")], "next_cursor": None})

    async def _entries(self, _request: Request) -> Response:
        return JSONResponse({"items": self._ledger, "next_cursor": None})

    async def _post(self, request: Request) -> Response:
        self.posted.append(request.url.path.rpartition("/")[2])
        if self._statuses == ["refused"]:
            return JSONResponse({"detail": "no such SKU"}, 422)
        if "/shipments/" in request.url.path:
            return JSONResponse(example("ShipmentMoved"))
        return JSONResponse(example("OrderAccepted", order_id=str(ORDER_ID)), 202)

    async def see(
        self, expected: ExpectedOutcome, act: Act = Act.WATCH, limit: float = 60.0
    ) -> tuple[Watched, list[str]]:
        """The order at its end, and what was shown of it on the way."""
        http = RetryingClient(transport=httpx2.ASGITransport(self.app), base_url="http://shop")
        shown: list[str] = []
        scenario = Scenario("an order", SCENARIOS[0].order, expected, act)
        (watched,) = await see_all_through(
            Shop(http), Provider(Site(http)), [scenario], limit, lambda watched: shown.append(watched.status)
        )
        return watched, shown


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(order_watch, "_LOOK_INTERVAL_S", 0)
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)


async def test_an_order_is_watched_to_its_end_and_every_change_is_shown_once() -> None:
    watched, shown = await Desk("placed", "placed", "confirmed", ledger=PAID).see(
        ExpectedOutcome("confirmed", kept=FOURTEEN)
    )
    assert watched.as_expected
    assert shown == ["placed", "confirmed", "confirmed"]


@pytest.mark.parametrize(
    "expected",
    [
        ExpectedOutcome("confirmed"),
        ExpectedOutcome("rejected", "out_of_stock"),
        ExpectedOutcome("delivered", kept=FOURTEEN),
    ],
)
async def test_another_end_or_another_charge_is_not_as_expected(expected: ExpectedOutcome) -> None:
    watched, _ = await Desk("confirmed", ledger=PAID).see(expected)
    assert (watched.as_expected, watched.ending) == (False, ExpectedOutcome("confirmed", kept=FOURTEEN))


async def test_money_still_set_aside_is_not_as_expected() -> None:
    watched, _ = await Desk("cancelled", ledger=PAID[:1]).see(ExpectedOutcome("cancelled"))
    assert str(watched.ending) == "cancelled, 0.00 GBP charged, 14.00 GBP still set aside"
    assert not watched.as_expected


@pytest.mark.parametrize(
    ("act", "statuses", "posted"),
    [
        (Act.CANCEL_AT_ONCE, ["cancelling", "cancelled"], ["orders", "cancellation"]),
        (Act.CANCEL_CONFIRMED, ["placed", "confirmed", "cancelling", "cancelled"], ["orders", "cancellation"]),
        (
            Act.DELIVER,
            ["confirmed", "confirmed", "shipped", "shipped", "delivered"],
            ["orders", "dispatch", "delivery"],
        ),
        (Act.DELIVER, ["rejected"], ["orders"]),
    ],
)
async def test_what_a_scenario_does_is_done_in_its_time(act: Act, statuses: list[str], posted: list[str]) -> None:
    desk = Desk(*statuses)
    watched, _ = await desk.see(ExpectedOutcome(statuses[-1]), act)
    assert watched.as_expected
    assert desk.posted == posted


async def test_an_order_that_does_not_end_is_said_to_wait_for_something() -> None:
    watched, _ = await Desk("placed").see(ExpectedOutcome("confirmed"), limit=1.0)
    assert not watched.as_expected
    assert watched.failure == "has not ended after 1 s; it is placed, and waits for the money to be taken"


async def test_a_rejection_is_told_and_stops_nothing_else() -> None:
    watched, _ = await Desk("refused").see(ExpectedOutcome("confirmed"))
    assert not watched.as_expected
    assert "no such SKU" in str(watched.failure)


def test_the_scenarios_show_every_end_and_every_payment_method() -> None:
    ends = {(scenario.expected.status, scenario.expected.reason) for scenario in SCENARIOS}
    reasons = {"payment_declined", "payment_unavailable", "shipping_unavailable", "out_of_stock"}
    assert ends == {("rejected", reason) for reason in reasons} | {
        ("confirmed", None),
        ("cancelled", None),
        ("delivered", None),
    }
    methods = {scenario.order.payment_method for scenario in SCENARIOS}
    assert methods == {f"pm_card_{name}" for name in ("ok", "declined", "error", "flaky", "timeout")}
    assert {scenario.act for scenario in SCENARIOS} == set(Act)
    assert {product.stocked for product in PRODUCTS.values()} == {True, False}
