"""Cases and interventions over HTTP: listed, given to somebody, noted on, closed; recorded once; refused with what may
be done; and tried out without being recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from commerce.eventstore import Append, Metadata, in_stream
from commerce.inventory.subscription import inventory_subscription
from commerce.payments.events import PaymentDisputed
from commerce.payments.webhook_events import UnknownPaymentTold
from commerce.saga.case_events import CaseKind, CaseOpened
from commerce.saga.limits import ProcessLimits
from commerce.saga.request_events import STOCK_TOPICS, stock_request
from commerce.saga.subscription import saga_subscription
from commerce.values import ids
from commerce.values.money import Money
from tests.catch_up import catch_up
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.test_problems import check


async def has_case(
    shop: Shop, kind: CaseKind = "answer_differed", customer: str | None = None, detail: str = "they lie"
) -> str:
    """An order that waits for its payment, with an open case."""
    await shop.stock("lamp")
    body = order(**({"customer_id": customer} if customer else {}))
    placed = await shop.client("operator").post("/orders", json=body, headers=key())
    order_id = str(placed.raise_for_status().json()["order_id"])
    await settled(shop)
    process = ids.process_id(UUID(order_id))
    version = len(await shop.store.read_stream(process))
    case = CaseOpened(order_id=UUID(order_id), kind=kind, detail=detail, outlasts_undoing=True)
    events = in_stream([case], process, after=version)
    await shop.store.append(Append(events, UUID(order_id), Metadata("service:saga")))
    await shop.show()
    return order_id


async def settled(shop: Shop) -> None:
    """The saga, the inventory and the read models have read all there is; nobody answers for the outside."""
    for _ in range(3):
        await catch_up(shop.store, saga_subscription(ProcessLimits()))
        await catch_up(shop.store, inventory_subscription(STOCK_TOPICS, stock_request))
    await shop.show()


async def listed(shop: Shop, query: str = "") -> list[dict[str, Any]]:
    """The open cases, as an auditor sees them."""
    await shop.show()
    answer = await shop.client("auditor").get(f"/ops/cases{query}")
    return list(answer.raise_for_status().json()["items"])


async def texts(shop: Shop, order_id: str) -> list[str]:
    """The timeline of an order, as an operator reads it."""
    answer = await shop.client("operator").get(f"/orders/{order_id}/timeline?limit=100")
    return [item["text"] for item in answer.raise_for_status().json()["items"]]


async def test_a_case_is_given_to_somebody_noted_on_and_closed(shop: Shop) -> None:
    order_id = await has_case(shop)
    anna = shop.client("operator", "anna")
    (case,) = await listed(shop)
    assert (case["order_id"], case["kind"], case["detail"], case["owner"], case["note"]) == (
        order_id,
        "answer_differed",
        "they lie",
        None,
        None,
    )
    assert case["money_at_risk"] == {"amount": "10.00", "currency": "EUR"}
    assert case["actions"] == ["retry", "compensate", "resolve", "assignment", "notes"]
    attention = (await anna.get("/ops/attention")).json()
    (counted,) = attention.pop("cases")
    assert (counted["kind"], counted["count"], counted["unassigned"]) == ("answer_differed", 1, 1)
    assert counted["money_at_risk"] == [{"amount": "10.00", "currency": "EUR"}]
    assert attention.pop("to_deliver") == {"count": 0, "oldest": None}
    assert attention.pop("to_ship")["count"] == 0
    assert (attention.pop("tampering"), attention.pop("problem")) == (None, None)
    assert attention == {"overdue": 0, "parties": [], "parked_groups": 0, "parked_events": 0}
    (await anna.post(f"/ops/cases/{order_id}/assignment", json={"owner": "anna"})).raise_for_status()
    answer = await anna.post(f"/ops/cases/{order_id}/notes", json={"note": "asked them, ticket 4711"})
    assert answer.status_code == 202
    assert answer.json()["order_id"] == order_id
    (case,) = await listed(shop, "?owner=anna&kind=answer_differed")
    assert (case["owner"], case["note"]) == ("anna", "asked them, ticket 4711")
    assert await listed(shop, "?owner=") == []
    (await anna.post(f"/ops/cases/{order_id}/assignment", json={"owner": " Ren\u0065\u0301 "})).raise_for_status()
    assert [one["owner"] for one in await listed(shop, "?owner=Ren%C3%A9")] == ["René"]
    assert [one["owner"] for one in await listed(shop, "?owner=Rene%CC%81%20")] == ["René"]
    closed = {"reason": "they were right", "resolution": "false_alarm", "reference": "ticket 4711"}
    (await anna.post(f"/ops/processes/{order_id}/resolve", json=closed)).raise_for_status()
    assert await listed(shop) == []
    told = await texts(shop, order_id)
    assert "Operator anna gave the case to anna" in told
    assert "Operator anna noted on the case: asked them, ticket 4711" in told
    assert "Operator anna closed the case, false alarm, reference ticket 4711: they were right" in told


async def test_what_people_write_is_sealed_in_the_log(shop: Shop) -> None:
    order_id = await has_case(shop)
    anna = shop.client("operator", "anna")
    await anna.post(f"/ops/cases/{order_id}/notes", json={"note": "a secret of Ada's"})
    await anna.post(f"/ops/processes/{order_id}/retry", json={"reason": "a secret of Ada's"})
    await anna.post(f"/ops/processes/{order_id}/resolve", json={"reason": "a secret of Ada's"})
    stored = [recorded.state for recorded in await shop.store.read_stream(ids.process_id(UUID(order_id)))]
    assert len([state for state in stored if b"v1." in state]) == 3
    assert not any(b"secret" in state for state in stored)
    auditor = await shop.client("auditor").get(f"/audit/streams/{ids.process_id(UUID(order_id))}/state")
    assert "secret" not in auditor.raise_for_status().text


async def test_customers_hear_nothing_of_cases_and_interventions(shop: Shop) -> None:
    customer = "6dfd04b1-3b40-4be4-b5a1-b6d5c7d3e8b7"
    order_id = await has_case(shop, customer=customer)
    operator = shop.client("operator")
    await operator.post(f"/ops/cases/{order_id}/notes", json={"note": "asked them"})
    await operator.post(f"/ops/processes/{order_id}/retry", json={"reason": "they work again"})
    theirs = shop.client("customer", customer)
    story = (await theirs.get(f"/orders/{order_id}/timeline")).raise_for_status().text
    assert "saga." not in story
    view = (await theirs.get(f"/orders/{order_id}/process")).raise_for_status().json()
    assert (view["case"], view["why"], view["owner"], view["money_at_risk"], view["actions"]) == (
        None,
        None,
        None,
        None,
        [],
    )


async def test_the_process_says_why_the_order_is_where_it_is_and_what_may_be_done(shop: Shop) -> None:
    order_id = await has_case(shop)
    answer = await shop.client("operator").get(f"/orders/{order_id}/process")
    view = answer.raise_for_status().json()
    assert view["why"] == ("it is on its way; there is no answer yet to the request for the payment to be authorised")
    assert view["actions"] == ["retry", "compensate", "resolve", "assignment", "notes"]
    assert answer.headers["ETag"].startswith(f'"{view["version"]}-')


async def test_an_order_is_given_up_and_ends_undone(shop: Shop) -> None:
    order_id = await has_case(shop)
    anna = shop.client("operator", "anna")
    path = f"/ops/processes/{order_id}/compensate"
    before = len(await shop.store.read_stream(ids.process_id(UUID(order_id))))
    dry = (await anna.post(f"{path}?dry_run=true", json={"reason": "sold twice"})).raise_for_status()
    assert dry.status_code == 200
    assert [one["topic"] for one in dry.json()["recorded"]] == [
        "saga.Intervened",
        "saga.Compensating",
        "saga.DeadlineSet",
        "saga.VoidRequested",
    ]
    assert dry.json()["recorded"][0]["text"] == (
        "Operator anna intervened, to give the order up and undo what was done: sold twice"
    )
    assert dry.json()["asked"] == ["Compensation: payments is asked to let go of the money set aside"]
    assert len(await shop.store.read_stream(ids.process_id(UUID(order_id)))) == before
    answer = await anna.post(path, json={"reason": "sold twice"})
    assert (answer.status_code, answer.json()["action"]) == (202, "compensate")
    await settled(shop)
    view = (await anna.get(f"/orders/{order_id}/process")).json()
    assert (view["stage"], view["next"]) == ("compensating", "release the stock")
    assert view["why"].startswith("it is to end rejected (given_up), undone first")


async def test_what_makes_no_sense_is_refused_with_what_may_be_done(shop: Shop) -> None:
    order_id = await has_case(shop)
    anna = shop.client("operator", "anna")
    for query in ("", "?dry_run=true"):
        answer = await anna.post(f"/ops/processes/{order_id}/skip{query}", json={"reason": "why not"})
        check(answer, 409, "intervention-rejected")
        assert "what may be done now: retry, compensate, resolve" in answer.json()["detail"]
    for action, body in (("retry", {}), ("retry", {"reason": " "}), ("compensate", {"reason": "x", "request": "y"})):
        answer = await anna.post(f"/ops/processes/{order_id}/{action}", json=body)
        assert answer.status_code == 422, answer.text


async def test_a_repeated_request_with_its_key_is_recorded_once_and_one_on_a_stale_version_not_at_all(
    shop: Shop,
) -> None:
    order_id = await has_case(shop)
    anna = shop.client("operator", "anna")
    path, body = f"/ops/processes/{order_id}/retry", {"reason": "they work again"}
    etag = (await anna.get(f"/orders/{order_id}/process")).headers["ETag"]
    once = key("retry-1")
    first = await anna.post(path, json=body, headers={**once, "If-Match": etag})
    again = await anna.post(path, json=body, headers={**once, "If-Match": etag})
    assert (first.status_code, first.json()) == (202, again.json())
    stale = await anna.post(path, json=body, headers={"If-Match": etag})
    assert stale.status_code == 412
    other = await anna.post(path, json={"reason": "another"}, headers=once)
    assert other.status_code == 422
    told = await texts(shop, order_id)
    assert len([text for text in told if text.startswith("Operator anna intervened")]) == 1
    path, nobody = f"/ops/cases/{order_id}/assignment", key("nobody")
    answers = [await anna.post(path, json={"owner": owner}, headers=nobody) for owner in (None, None, "bob")]
    assert [answer.status_code for answer in answers] == [202, 202, 422]
    assert answers[0].json() == answers[1].json()
    assert (await listed(shop))[0]["owner"] is None


async def test_an_order_without_an_open_case_has_nothing_to_decide(shop: Shop) -> None:
    order_id = await has_case(shop)
    anna = shop.client("operator", "anna")
    closed = {"reason": "fine"}
    (await anna.post(f"/ops/processes/{order_id}/resolve", json=closed)).raise_for_status()
    for path, body in (
        (f"/ops/processes/{order_id}/resolve", closed),
        (f"/ops/cases/{order_id}/assignment", {"owner": "bob"}),
        (f"/ops/cases/{order_id}/notes", {"note": "late"}),
    ):
        answer = await anna.post(path, json=body)
        check(answer, 409, "case-not-open")


async def test_an_order_and_its_case_show_a_dispute_until_when_it_is_to_be_answered(shop: Shop) -> None:
    await shop.stock("lamp")
    placed = await shop.client("operator").post("/orders", json=order(), headers=key())
    order_id, by = UUID(placed.json()["order_id"]), datetime(2026, 12, 10, tzinfo=UTC)
    await settled(shop)
    told = PaymentDisputed(
        order_id=order_id,
        authorization_id="auth_1",
        dispute_id="dp_1",
        amount=Money.of("4.00", "EUR"),
        reason="fraudulent",
        answer_by=by,
    )
    await shop.store.append(Append(in_stream([told], uuid4(), after=0), order_id, Metadata("service:payments")))
    await settled(shop)
    (case,) = await listed(shop, "?kind=dispute")
    assert (case["about"], case["answer_by"]) == ("dp_1", "2026-12-10T00:00:00Z")
    assert case["money_at_risk"] == {"amount": "4.00", "currency": "EUR"}
    for path in (f"/orders/{order_id}", "/orders"):
        shown = (await shop.client("operator").get(path)).json()
        (dispute,) = (shown if "order_id" in shown else shown["items"][0])["disputes"]
        assert (dispute["dispute_id"], dispute["status"], dispute["reason"]) == ("dp_1", "open", "fraudulent")


async def test_a_case_without_an_order_is_listed_and_closed_like_the_others(shop: Shop) -> None:
    stands_for = ids.unknown_payment_id("http", "auth_1")
    word = UnknownPaymentTold(
        stands_for=stands_for, request_id=uuid4(), authorization_id="auth_1", amount=None, detail="it tells of auth_1"
    )
    await shop.store.append(Append(in_stream([word], uuid4(), after=0), stands_for, Metadata("service:payments")))
    await settled(shop)
    anna = shop.client("operator", "anna")
    (await anna.post(f"/ops/cases/{stands_for}/notes", json={"note": "another shop's?"})).raise_for_status()
    (case,) = await listed(shop, "?kind=unknown_payment")
    assert (case["order_id"], case["stage"], case["money_at_risk"]) == (str(stands_for), "no_order", None)
    assert (case["note"], case["actions"]) == ("another shop's?", ["resolve", "assignment", "notes"])
    assert (await anna.get("/ops/processes?overdue=true")).json()["items"] == []
    (await anna.post(f"/ops/processes/{stands_for}/resolve", json={"reason": "it was"})).raise_for_status()
    assert await listed(shop) == []
    assert (await anna.post(f"/ops/cases/{uuid4()}/notes", json={"note": "lost"})).status_code == 404
