"""Health and metrics say what is true."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tests.integration.api.conftest import Shop, key, order


async def test_a_process_is_ready_while_it_can_work_and_says_what_it_cannot(shop: Shop) -> None:
    visitor = shop.client()
    assert (await visitor.get(f"{shop.url}/health/live")).json() == {"status": "ok", "problems": {}}
    assert (await visitor.get(f"{shop.url}/health/ready")).json() == {"status": "ok", "problems": {}}


async def test_requests_are_counted_by_route_without_ids(shop: Shop) -> None:
    operator = shop.client("operator")
    await shop.stock("lamp")
    await operator.post("/orders", json=order(), headers=key())
    await operator.get("/nonsense/4711")
    await operator.get("/products/lamp")
    told = (await operator.get(f"{shop.url}/metrics")).text
    samples = {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(told)
        for sample in family.samples
        if sample.name == "commerce_api_request_seconds_count"
    }
    assert samples["POST", "/api/v1/orders", "202"] == 1
    assert samples["GET", "/api/v1/products/{sku}", "200"] == 1
    assert samples["GET", "unmatched", "404"] == 1
    assert "process_resident_memory_bytes" in told
    assert "commerce_append_queue_length 0.0" in told
