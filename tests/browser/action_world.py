"""The shop of an action's test, and what stands in it before somebody acts."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.async_api import Page

from commerce.eventstore import Append, Metadata, in_stream
from commerce.ordering.commands import load_order
from commerce.ordering.order import ship
from commerce.values import ids
from commerce.webhooks.deliveries import find_deliveries
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key
from tests.integration.api.test_after_placing import confirmed
from tests.integration.api.test_cases import has_case, settled
from tests.integration.api.test_refunds import is_captured
from tests.integration.api.test_staff import OLGA, PASSWORD, Member, code_at, joined
from tests.integration.console.test_console import given_a_key, invited, placed, registered, told
from tests.integration.rebuild.conftest import following, parked
from tests.integration.rebuild.test_standing_still import HUGE, write
from tests.waiting import eventually
from workers.webhook_deliveries.subscription import webhook_subscription

SECRET = "main pre"
"""Where a page shows what it shows once."""


@dataclass
class World:
    """A shop that a person looks at."""

    shop: Shop
    database: Database
    folder: Path
    stack: AsyncExitStack
    page: Page
    known: dict[str, str] = field(default_factory=dict)
    """What is typed later on."""
    member: Member | None = None
    """Who has an account, and so logs in by password and code."""
    follows: bool = False
    """Whether the read models are kept up to date; then nobody else may have them catch up."""

    async def follow(self) -> None:
        """Keep the read models up to date from now on; nothing else works on what happens."""
        if not self.follows:
            self.follows = True
            await self.stack.enter_async_context(following(self.shop.store))

    async def post(self, path: str, content: Any = None) -> Any:
        """What the API answers to an operator's command."""
        answer = await self.shop.client("operator").post(path, json=content, headers=key())
        return answer.raise_for_status().json()

    async def log_in(self) -> None:
        """Log in as somebody does who has an account."""
        assert self.member is not None
        await self.page.goto("/console/login")
        await self.page.get_by_label("E-mail address").fill(OLGA)
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_label("Code of your authenticator app, or a recovery code").fill(self.member.code())
        await self.page.get_by_role("button", name="Log in", exact=True).click()
        await self.page.wait_for_url("**/console")


async def a_case(world: World) -> str:
    """A case in the list."""
    await has_case(world.shop)
    return "/cases"


async def _undone(world: World) -> str:
    order_id = await has_case(world.shop)
    await world.post(f"/ops/processes/{order_id}/compensate", {"reason": "sold twice"})
    await settled(world.shop)
    return order_id


async def a_case_of_an_undo(world: World) -> str:
    """A case of an order that is being undone, and waits for the provider."""
    await _undone(world)
    return "/cases"


async def a_process_that_undoes(world: World) -> str:
    """The process of such an order."""
    return f"/orders/{await _undone(world)}/process"


async def a_process(world: World) -> str:
    """The process of an order that waits for its payment, with a case."""
    return f"/orders/{await has_case(world.shop)}/process"


async def a_parked_group(world: World) -> str:
    """Events that a read model cannot take."""
    await world.shop.stock("mug")
    await world.shop.show()
    write(world.database, ids.stock_item_id("mug"), "inventory.StockReceived", HUGE)
    await world.follow()
    await eventually(lambda: parked(world.shop.store))
    (group,) = (await world.shop.client("operator").get("/ops/parked")).json()["items"]
    return f"/parked/{group['group']}"


async def an_order_to_ship(world: World) -> str:
    """A confirmed order in the list of what leaves today."""
    await confirmed(world.shop)
    return "/shipping"


async def _dispatched(world: World) -> UUID:
    order_id = await confirmed(world.shop)
    await world.post(f"/shipments/{ids.shipment_id(order_id)}/dispatch")
    order = await load_order(world.shop.store, order_id)
    shipped = in_stream(ship(order), order.id, after=order.version)  # what its process says when it hears of it
    await world.shop.store.append(Append(shipped, order.id, Metadata("service:saga")))
    return order_id


async def an_order_on_its_way(world: World) -> str:
    """A shipped order in the list of what is on its way."""
    await _dispatched(world)
    return "/shipping/on-their-way"


async def a_stocked_product(world: World) -> str:
    """The stock of a product."""
    await world.shop.stock("lamp")
    return "/stock/lamp"


async def a_product(world: World) -> str:
    """A product on sale."""
    await world.shop.stock("lamp")
    return "/catalogue/lamp"


async def an_order(world: World) -> str:
    """A guest's order that was just placed."""
    return f"/orders/{await placed(world.shop)}"


async def a_confirmed_order(world: World) -> str:
    """An order whose shipment waits."""
    return f"/orders/{await confirmed(world.shop)}"


async def a_shipped_order(world: World) -> str:
    """An order whose shipment left."""
    return f"/orders/{await _dispatched(world)}"


async def a_paid_order(world: World) -> str:
    """An order whose money is taken."""
    order_id = await confirmed(world.shop)
    await is_captured(world.shop, order_id)
    return f"/orders/{order_id}"


async def a_customer(world: World) -> str:
    """A customer with an account."""
    return f"/customers/{await registered(world.shop)}"


async def a_read_model(world: World) -> str:
    """One that nothing is done about."""
    await world.shop.stock("lamp")
    return "/read-models/orders"


async def a_rebuild(world: World) -> str:
    """A read model that is to be rebuilt."""
    await world.post("/ops/projections/orders/rebuild")
    return "/read-models/orders"


async def a_verification(world: World) -> str:
    """A read model that is to be verified."""
    await world.post("/ops/projections/orders/verification")
    return "/read-models/orders"


async def the_staff(world: World) -> str:
    """The list of the members of staff."""
    await invited(world.shop)
    return "/access"


async def a_member_of_staff(world: World) -> str:
    """Somebody who is invited."""
    return f"/access/staff/{await invited(world.shop)}"


async def the_keys(world: World) -> str:
    """The list of API keys."""
    await given_a_key(world.shop)
    return "/access/keys"


async def an_api_key(world: World) -> str:
    """A key that is good."""
    return f"/access/keys/{await given_a_key(world.shop)}"


async def an_own_account(world: World) -> str:
    """The viewer's own account, which is open in another browser, too."""
    world.member = await joined(world.shop, world.folder / "outbox")
    await world.member.log_in(world.member.recovery_codes.pop())
    return "/access/own"


async def the_webhooks(world: World) -> str:
    """The list of endpoints."""
    await told(world.shop)
    return "/webhooks"


async def an_endpoint(world: World) -> str:
    """An endpoint."""
    return f"/webhooks/{await told(world.shop)}"


async def a_delivery(world: World) -> str:
    """A delivery to an endpoint that was not tried yet."""
    endpoint_id = await told(world.shop)
    await placed(world.shop)
    await settled(world.shop)
    await catch_up(world.shop.store, webhook_subscription(asyncio.Event()))
    first, *_ = await find_deliveries(world.shop.store.pool, UUID(endpoint_id), None, 2**62, 1)
    return f"/webhooks/{endpoint_id}/deliveries/{first.position}"


async def a_signed_log(world: World) -> str:
    """A log that is signed, and the proof of an order in it."""
    order_id = await placed(world.shop)
    await world.shop.seal()
    proof = await world.shop.client("auditor").get(f"/audit/orders/{order_id}/proof")
    world.known |= {"proof": proof.raise_for_status().text, "order": order_id}
    return "/integrity"


async def a_verification_of_the_log(world: World) -> str:
    """A log that is to be verified."""
    await world.post("/audit/verification")
    return "/integrity"


async def known_proof(world: World) -> str:
    """What the file of the proof has in it."""
    return world.known["proof"]


async def known_order(world: World) -> str:
    """The order that the proof is of."""
    return world.known["order"]


async def own_code(world: World) -> str:
    """A code that is good."""
    assert world.member is not None
    return world.member.code()


async def code_of_new_app(world: World) -> str:
    """What an app shows that was given the secret of the page before."""
    return code_at(world.known["secret"], 0)


async def note_secret(world: World) -> None:
    """Keep what a page shows once."""
    shown = world.page.locator(SECRET)
    if await shown.count():
        world.known["secret"] = await shown.inner_text()
