"""What a simulated party's paths can be asked with: HEAD wherever GET is, and OPTIONS everywhere."""

from __future__ import annotations

import httpx2
import pytest

from tests.integration.gateways.worker_process import WorkerProcess


@pytest.fixture(params=["provider_process", "carrier_process"])
def party(request: pytest.FixtureRequest) -> WorkerProcess:
    found: WorkerProcess = request.getfixturevalue(request.param)
    return found


async def test_head_is_answered_as_get_is_but_without_the_body(party: WorkerProcess) -> None:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        for path, status in (("/ledger", 200), ("/v1/operations/x", 404), ("/nowhere", 404)):
            answer = await http.head(party.url + path)
            assert (answer.status_code, answer.content) == (status, b"")


async def test_options_and_405_name_the_methods_of_a_path(party: WorkerProcess) -> None:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        for method, status in (("OPTIONS", 204), ("POST", 405), ("DELETE", 405)):
            answer = await http.request(method, f"{party.url}/ledger")
            assert (answer.status_code, answer.headers["Allow"]) == (status, "GET, HEAD, OPTIONS")
        assert (await http.options(f"{party.url}/nowhere")).status_code == 404
