"""What needs a person is told: in health, in metrics, by `commerce doctor`, and once in the log."""

from __future__ import annotations

import json

import psycopg
import pytest
from psycopg import AsyncConnection
from structlog.testing import capture_logs

from commerce.cli.checks import waits
from commerce.cli.checks.finding import Finding
from tests.integration.workers.interposed import Says, interposed
from tests.integration.workers.shop import Shop, running
from tests.waiting import eventually
from workers.payments import payments_app
from workers.projections import app as projections
from workers.relay import relay_app
from workers.runtime.app import WorkerApp
from workers.saga import saga_app
from workers.shipping import shipping_app

GONE = Says(404, {"code": "authorization_not_found", "detail": "There is no such authorization."})


async def test_a_rejected_credential_is_an_alarm_that_ends_by_itself(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    environment.setattr("commerce.outside.calls.CREDENTIAL_PAUSE_S", 0.05)
    answers: list[Says | None] = [Says(401, {})]
    payments = payments_app()
    with capture_logs() as logs:
        async with interposed(shop.provider_url, lambda _method, _path: answers[0]) as provider:
            environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
            async with running(saga_app(), relay_app(), payments, shipping_app()):
                order = await shop.place()
                await eventually(lambda: len(provider.asked) > 5)
                (said,) = (await payments.problems()).values()
                assert said.startswith("the payment provider rejects our credential (401); orders wait")
                assert "COMMERCE_PROVIDER_URL" in said
                assert _sample(payments, "commerce_outside_credential_refused") == 1
                status, answer = await _health(payments)
                assert (status, answer["restart_helps"]) == (503, False)
                answers[0] = None
                assert await shop.ended(order) == "ordering.OrderConfirmed"
                assert await payments.problems() == {}
                assert _sample(payments, "commerce_outside_credential_refused") == 0
    warned = [one for one in logs if one["event"] == "calls to the outside begin to fail"]
    assert [(one["party"], one["result"]) for one in warned] == [("payment provider", "credential_refused")]


async def test_a_case_is_counted_once_listed_by_doctor_and_warned_of_once(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    environment.setattr("workers.runtime.case_metrics.LOOK_INTERVAL_S", 0.05)
    environment.setattr("workers.outbox.refill.RESEND_AFTER_S", 0)
    environment.setattr("workers.outbox.refill.LOOK_INTERVAL_S", 0.1)

    def rule(method: str, path: str) -> Says | None:
        return GONE if method == "POST" and path.endswith("/void") else None

    with capture_logs() as logs:
        async with interposed(shop.provider_url, rule) as provider:
            environment.setenv("COMMERCE_PROVIDER_URL", provider.url)
            async with running(saga_app(), relay_app(), payments_app(), shipping_app(), projections):
                order = await shop.place(country="AQ")
                await eventually(lambda: provider.calls("/void") > 2)
                await eventually(lambda: _sample(projections, "commerce_open_cases", kind="undo_rejected") == 1)
                assert _sample(projections, "commerce_unassigned_cases", kind="undo_rejected") == 1
                assert _sample(projections, "commerce_open_cases", kind="order_waits") == 0
                assert (_sample(projections, "commerce_oldest_case_seconds", kind="undo_rejected") or 0) > 0
                assert _sample(projections, "commerce_overdue_processes") == 0
                assert _sample(projections, "commerce_unfinished_orders", definition="1") == 1
                (finding,) = await _doctor(shop)
    assert (finding.check, finding.level) == ("cases", "warning")
    assert f"of order {order}: the payment provider does not let the money go: authorization_not_found" in finding.text
    assert "/api/v1/ops/cases" in finding.remedy
    opened = [one for one in logs if one["event"] == "a case was opened"]
    assert [one["order_id"] for one in opened] == [str(order)]


def _sample(app: WorkerApp, name: str, **labels: str) -> float | None:
    samples = (sample for metric in app.registry.collect() for sample in metric.samples if sample.name == name)
    found = [sample for sample in samples if labels.items() <= sample.labels.items()]
    return found[0].value if found else None


async def _doctor(shop: Shop) -> list[Finding]:
    async with shop.store.pool.connection() as pooled:
        conninfo = pooled.info.dsn, pooled.info.password
    connection: AsyncConnection[tuple[object, ...]]
    connection = await psycopg.AsyncConnection.connect(conninfo[0], password=conninfo[1], autocommit=True)
    async with connection:
        return await waits.cases(connection)


async def _health(app: WorkerApp) -> tuple[int, dict[str, object]]:
    """What `GET /health` answers."""
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/health", "headers": [], "query_string": b""}
    await app(scope, receive, send)  # type: ignore[arg-type]
    body = b"".join(part["body"] for part in sent[1:] if isinstance(part["body"], bytes))
    status = sent[0]["status"]
    assert isinstance(status, int)
    return status, json.loads(body)
