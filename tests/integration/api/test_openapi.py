"""The OpenAPI document says what the API takes and answers."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import TypeAdapter, ValidationError

from api.app import create_app
from api.http.resource import NDJSON
from api.openapi.headers import IN_PATHS
from api.schemas.fields import Body
from commerce.cli.system.sample_products import CATALOGUE
from commerce.eventstore import Append, Event, Metadata, in_stream
from commerce.runtime.settings import Settings
from commerce.saga.case_events import CaseOpened
from commerce.saga.events import CompensationStarted, ProcessStarted
from commerce.saga.request_events import AuthorizationRequested, VoidRequested
from commerce.values import ids
from commerce.values.money import Money
from commerce.webhooks.deliveries import find_deliveries
from tests.catch_up import catch_up
from tests.conftest import Database
from tests.integration.api.conftest import Shop, key, order
from tests.integration.api.described import body_example, sent_as
from tests.integration.api.test_payment_attempts import waiting
from tests.integration.api.test_refunds import paid
from workers.webhook_deliveries.subscription import webhook_subscription

ONE = UUID(int=1)
TEN = Money.of("10.00", "EUR")
WITHOUT_TOKEN = {
    "/health/live",
    "/health/ready",
    "/metrics",
    "/api/v1/auth/token",
    "/api/v1/auth/revocation",
    "/api/v1/customers",
    "/api/v1/customers/email-confirmation",
    "/api/v1/customers/password-reset",
    "/api/v1/customers/password-reset/confirmation",
    "/api/v1/staff/invitation",
    "/api/v1/staff/invitation/acceptance",
    "/api/v1/webhooks/{provider}",
}


def takes_token(path: str, method: str) -> bool:
    """Whether an operation is for who has a token: everybody may register, and only staff look for who did."""
    return path not in WITHOUT_TOKEN or (path, method) == ("/api/v1/customers", "get")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document."""
    return create_app(Settings()).openapi()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation with its path and method."""
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_is_described_tagged_and_secured(document: dict[str, Any]) -> None:
    assert not [name for name in document["components"]["schemas"] if "__" in name]
    known = {tag["name"] for tag in document["tags"]}
    for path, method, operation in operations(document):
        assert operation["description"].endswith((".", ":")), (path, method)
        assert set(operation["tags"]) <= known, (path, method)
        assert ("security" in operation) is takes_token(path, method), (path, method)
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_every_request_and_every_answer_has_an_example(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        answers = [(status, answer) for status, answer in operation["responses"].items()]
        contents = [content for _, answer in answers for content in answer.get("content", {}).values()]
        contents += operation.get("requestBody", {}).get("content", {}).values()
        for content in contents:
            shape = content.get("itemSchema") or content.get("schema", {})
            name = shape.get("$ref", "").rpartition("/")[2]
            schema = document["components"]["schemas"].get(name, {})
            assert "example" in content or "examples" in schema, (path, method, content)


def test_every_operation_with_a_token_declares_its_problems(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if not takes_token(path, method):
            continue
        assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), (path, method)
        for status, answer in operation["responses"].items():
            if status == "304":
                assert "content" not in answer, path
                continue
            kinds = set(answer.get("content", {}))
            if NDJSON in kinds and (is_page(answer) or path.endswith(":import")):
                kinds = {"application/json"}  # as lines, too, or as lines alone
            told = (
                {"text/event-stream"}
                if path.endswith(("/events", "/live")) and not is_page(answer)
                else {"application/json"}
            )
            assert kinds == ({"application/problem+json"} if int(status) >= 400 else told), path


def is_page(answer: dict[str, Any]) -> bool:
    """Whether an answer is a page of a list."""
    return "next_cursor" in answer.get("content", {}).get("application/json", {}).get("example", {})


def test_streams_say_what_their_events_hold(document: dict[str, Any]) -> None:
    for path in ("/api/v1/orders/{order_id}/events", "/api/v1/inventory/events"):
        content = document["paths"][path]["get"]["responses"]["200"]["content"]["text/event-stream"]
        item, end = (content["itemSchema"][part]["properties"]["data"] for part in ("else", "then"))
        assert item["contentSchema"] == {"$ref": "#/components/schemas/Item"}
        assert end["contentSchema"] == {"$ref": "#/components/schemas/StreamEnd"}
        assert content["example"].startswith("id: p1-")


def test_bounds_and_patterns_are_what_json_schema_calls_them(document: dict[str, Any]) -> None:
    words = set(re.findall(r'"(\w+)": ', json.dumps(document)))
    assert not words & {"ge", "gt", "le", "lt", "max_length", "min_length"}
    parameters = document["paths"]["/api/v1/orders"]["get"]["parameters"]
    read = {parameter["name"]: parameter["schema"] for parameter in parameters}
    assert (read["limit"]["minimum"], read["limit"]["maximum"]) == (1, 100)
    assert re.search(read["Commerce-Position"]["pattern"], "p1-2a")
    assert not re.search(read["Commerce-Position"]["pattern"], "2a")
    reason = document["components"]["schemas"]["CancellationRequest"]["properties"]["reason"]
    assert not re.search(reason["pattern"], "two\nlines")
    assert document["components"]["schemas"]["RevocationRequest"].get("additionalProperties", True) is True


def test_no_body_takes_a_number_or_a_word_for_true_or_false() -> None:
    fields = [field for body in Body.__subclasses__() for field in body.model_fields.values()]
    flags = [TypeAdapter(field.rebuild_annotation()) for field in fields if "bool" in str(field.annotation)]
    assert flags
    for flag in flags:
        assert flag.validate_json("true") is True
        for text in ("0", "1", '"true"', '"no"'):
            with pytest.raises(ValidationError):
                flag.validate_json(text)


def test_every_field_is_described_for_people_who_do_not_know_python(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert "None" not in schema.get("description", ""), name
        for field, shape in schema.get("properties", {}).items():
            assert shape.get("description"), (name, field)


def test_operations_are_named_and_say_who_may_call_them(document: dict[str, Any]) -> None:
    named = {operation["operationId"]: operation for _, _, operation in operations(document)}
    assert {"place_order", "list_orders", "cancel_order", "receive_stock", "start_rebuild"} <= set(named)
    assert named["place_order"]["description"].endswith("Roles: customer, operator, service.")
    for path, method, operation in operations(document):
        assert ("\nRoles: " in operation["description"]) is takes_token(path, method), path


def test_answers_declare_their_headers(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            assert "X-Request-Id" in answer["headers"], (path, method, status)
            assert ("WWW-Authenticate" in answer["headers"]) is (status in ("401", "403"))
    placed = document["paths"]["/api/v1/orders"]["post"]["responses"]
    assert {"Location", "Commerce-Position", "Preference-Applied"} <= set(placed["202"]["headers"])
    assert "ETag" in placed["200"]["headers"]
    assert "Retry-After" in placed["503"]["headers"]


def test_problem_types_are_listed_and_nulls_stand_in_examples(document: dict[str, Any]) -> None:
    types = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert {f"/docs/problems/{name}" for name in ("internal", "stale-version", "reserved-stock")} <= set(types)
    assert all(name in document["info"]["description"] for name in types)
    listed = document["paths"]["/api/v1/orders"]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert listed["next_cursor"] is None
    assert {"customer_id", "reason"} <= set(listed["items"][0])


def test_every_list_comes_in_pages(document: dict[str, Any]) -> None:
    lists = 0
    for path, method, operation in operations(document):
        content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        if "next_cursor" in content.get("example", {}):
            lists += 1
            parameters = {parameter["name"] for parameter in operation["parameters"]}
            assert {"cursor", "limit"} <= parameters, (path, method)
    assert lists >= 11


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = document["components"]["schemas"] | document["components"]["headers"]

    def check(part: object) -> None:
        if isinstance(part, dict):
            if "$ref" in part:
                assert part["$ref"].rpartition("/")[2] in known
            for value in part.values():
                check(value)
        elif isinstance(part, list):
            for value in part:
                check(value)

    check(document)


async def test_the_document_and_its_page_need_no_token(shop: Shop) -> None:
    for path in ("/openapi.json", "/docs"):
        assert (await shop.client().get(shop.url + path)).status_code == 200


def test_every_shape_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name), name
        assert not re.search(r"^Body|View$|Input$|Output$", name), name
        assert schema["title"] == name
    assert {"Order", "OrderPage", "Product", "ProductPage", "OrderLine", "ReportSales"} <= set(schemas)
    for path, method, operation in operations(document):
        contents = [
            content for answer in operation["responses"].values() for content in answer.get("content", {}).values()
        ]
        contents += operation.get("requestBody", {}).get("content", {}).values()
        for content in contents:
            assert path == "/metrics" or "$ref" in content["schema"] or "itemSchema" in content, (path, method)


def test_every_query_can_be_told_the_position_that_it_has_to_show(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if method == "get" and takes_token(path, method):
            names = [parameter["name"] for parameter in operation["parameters"]]
            assert names.count("Commerce-Position") == 1, path


def prefilled(document: dict[str, Any], path: str, operation: dict[str, Any], real: dict[str, str]) -> dict[str, Any]:
    """The request that Swagger UI makes of an operation as it stands; `real` are ids in the place of the examples."""
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    for parameter in operation.get("parameters", []):
        if "example" not in parameter:
            assert not parameter.get("required"), (path, parameter["name"])
            continue
        value = real.get(parameter["name"], parameter["example"])
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(value, safe=""))
        else:
            (headers if parameter["in"] == "header" else query)[parameter["name"]] = value
    if "Idempotency-Key" in headers:
        headers |= key()
    return {"url": path, "params": query, **sent_as(operation, body_example(document, operation), headers)}


BEGUN = ProcessStarted(order_id=ONE, total=TEN, payment_method="pm_card_ok", wanted=())
DOUBT = CaseOpened(order_id=ONE, kind="answer_differed", detail="it differs")
PAYING = AuthorizationRequested(order_id=ONE, request_id=ONE, amount=TEN, payment_method="pm_card_ok")
UNDOING = (
    PAYING,
    CompensationStarted(reason="timed_out", outcome="rejected"),
    VoidRequested(order_id=ONE, request_id=ONE),
)
CASES: dict[str, tuple[Event, ...]] = {
    "assign_case": (BEGUN, DOUBT),
    "note_case": (BEGUN, DOUBT),
    "resolve_case": (BEGUN, DOUBT),
    "retry_process": (BEGUN, PAYING),
    "compensate_process": (BEGUN, PAYING),
    "skip_process": (BEGUN, *UNDOING),
}
"""What the process of an order has behind it for which each of these makes sense."""


async def order_with_case(shop: Shop, *events: Event) -> UUID:
    """An order whose process has this behind it."""
    answer = await shop.client("operator").post("/orders", json=order(("TEA-ASSAM-250", 1)), headers=key())
    order_id = UUID(answer.json()["order_id"])
    process, about = ids.process_id(order_id), {"order_id": order_id}
    own = [one.model_copy(update=about if "order_id" in type(one).model_fields else {}) for one in events]
    await shop.store.append(Append(in_stream(own, process, after=0), order_id, Metadata("service:test")))
    return order_id


PARK = """
    INSERT INTO commerce_parked (subscription, partition, position, topic, keys, error_group, error, place, problem,
                                 attempts, failed_at)
    SELECT 'stock', 0, notification_id, topic, ARRAY[originator_id::text], %s, 'ValueError', 'fold', 'it fails', 1,
           clock_timestamp()
    FROM commerce_events WHERE topic = 'inventory.StockReceived' AND notification_id > %s
    ORDER BY notification_id LIMIT 1 RETURNING position"""


def park_one(database: Database, group: str, after: int) -> int:
    """Have nothing but the next receipt of stock be parked, in a group of this name."""
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        owner.execute("DELETE FROM commerce_parked")
        row = owner.execute(PARK, [group, after]).fetchone()
    assert row is not None
    return int(row[0])


async def delivered_position(shop: Shop, endpoint_id: UUID) -> str:
    """The position of something that is delivered to an endpoint."""
    operator = shop.client("operator")
    await operator.patch(f"/webhook-endpoints/{endpoint_id}", json={"event_types": []})
    await operator.post("/orders", json=order(("TEA-ASSAM-250", 1)), headers=key())
    await catch_up(shop.store, webhook_subscription(asyncio.Event()))
    (delivery, *_) = await find_deliveries(shop.store.pool, endpoint_id, None, 2**62, 1)
    return str(delivery.position)


async def test_every_example_works_when_it_is_executed(
    shop: Shop, document: dict[str, Any], database: Database
) -> None:
    for product in CATALOGUE:
        await shop.stock(product.sku, product.stock, product.price)
    order_id = await paid(shop)
    await shop.show()
    shipment_id = str(ids.shipment_id(order_id))
    real = {"order_id": str(order_id), "stream_id": str(order_id), "shipment_id": shipment_id}
    wanted = {"service": "warehouse", "scopes": ["stock:read"]}
    issued = await shop.client("operator").post("/auth/keys", json=wanted, headers=key())
    real["key_id"] = issued.raise_for_status().json()["key_id"]
    own = (
        "get_own_customer",
        "change_own_customer",
        "request_email_confirmation",
        "change_own_email",
        "change_own_password",
        "deactivate_own_customer",
    )
    begin = (
        "add_member",
        "register_customer",
        "issue_token",
        "start_rebuild",
        "start_verification",
        "add_webhook_endpoint",
        "place_order",
        "place_order",
    )
    erasures = ("erase_customer", "get_customer_erasure", "erase_guest", "get_guest_erasure")
    moves = ("dispatch_shipment", "deliver_shipment", "cancel_order", "discontinue_product")
    end = (*own, "deactivate_member", "remove_webhook_endpoint", *erasures, *moves)
    named = {operation["operationId"]: (path, method, operation) for path, method, operation in operations(document)}
    own_staff = ("get_own_member", "list_own_sessions")
    of_mails = ("confirm_email", "reset_password", "look_at_invitation", "accept_invitation")
    of_own_account = (
        "change_own_staff_password",
        "replace_own_recovery_codes",
        "request_own_second_factor",
        "confirm_own_second_factor",
        "end_own_session",
    )
    # an example has no signature, code or session that is good
    signed = (*of_mails, *of_own_account, "receive_webhook")
    others = [name for name in named if name not in (*begin, *end, *signed)]
    operator = shop.client("operator")
    parked = 0
    for path, method, operation in (named[name] for name in (*begin, *others, *end)):
        if "/parked/{group}" in path:
            parked = park_one(database, IN_PATHS["group"], parked)
        if operation["operationId"] == "prove_order":
            await shop.seal()
        if operation["operationId"] == "cancel_order":
            command = await shop.client("operator").post("/orders", json=order(("TEA-ASSAM-250", 1)), headers=key())
            real["order_id"] = command.json()["order_id"]
        if operation["operationId"] in CASES:
            case_of = str(await order_with_case(shop, *CASES[operation["operationId"]]))
            request = prefilled(document, path, operation, real | {"order_id": case_of})
        elif operation["operationId"] == "request_payment_attempt":
            unpaid = await waiting(shop, str(uuid4()))
            request = prefilled(document, path, operation, real | {"order_id": str(unpaid)})
        else:
            request = prefilled(document, path, operation, real)
        request["headers"].pop("Prefer", None)  # no order ends here
        asker = shop.client("customer", real["customer_id"]) if operation["operationId"] in own else operator
        if operation["operationId"] in own_staff:
            asker = shop.client("operator", real["member_id"])
        answer = await asker.request(method, f"{shop.url}{request.pop('url')}", **request)
        assert answer.status_code < 300, (method, path, answer.text)
        if operation["operationId"] == "add_member":
            real["member_id"] = answer.json()["member_id"]
        if operation["operationId"] == "register_customer":
            real["customer_id"] = answer.json()["customer_id"]
        if operation["operationId"] == "add_webhook_endpoint":
            real["endpoint_id"] = answer.json()["endpoint_id"]
            real["position"] = await delivered_position(shop, UUID(real["endpoint_id"]))


async def test_the_page_loads_nothing_from_elsewhere(shop: Shop) -> None:
    client = shop.client()
    page = await client.get(f"{shop.url}/docs")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(parts) == 5
    for part in parts:
        assert part.startswith(("/docs/", "/openapi.json")), part
        assert (await client.get(shop.url + part)).status_code == 200, part
    script = (await client.get(f"{shop.url}/docs/swagger-ui-bundle.js")).text
    assert "SwaggerUIBundle" in script
    assert not re.search(r"@import|url\(['\"]?https?:", (await client.get(f"{shop.url}/docs/swagger-ui.css")).text)
    assert (await client.get(f"{shop.url}/docs/nonsense.js")).status_code == 404
