"""Nobody asks a simulated party, or reads its ledger, without the name and password in its address."""

from __future__ import annotations

import base64
import re

import httpx2
import pytest

from tests.integration.gateways.worker_process import WorkerProcess


@pytest.fixture(params=["provider_process", "carrier_process"])
def party(request: pytest.FixtureRequest) -> WorkerProcess:
    found: WorkerProcess = request.getfixturevalue(request.param)
    return found


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize(
    "header", [None, "", "Basic", "Basic !!!", basic("commerce:"), basic("commerce:sesame"), "Bearer sesame"]
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/ledger"), ("GET", "/v1/operations/x"), ("POST", "/v1/x"), ("GET", "/")]
)
async def test_without_them_the_answer_is_401(party: WorkerProcess, header: str | None, method: str, path: str) -> None:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        headers = {} if header is None else {"Authorization": header}
        answer = await http.request(method, re.sub("//.*@", "//", party.url) + path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_a_client_that_asks_at_the_whole_address_is_answered(party: WorkerProcess) -> None:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        answer = await http.get(f"{party.url}/ledger", params={"order_id": "x"})
        assert (answer.status_code, answer.json()["items"]) == (200, [])
        assert (await http.get(re.sub("//.*@", "//", party.url) + "/health")).status_code == 200


async def test_the_address_that_it_is_told_says_who_may_ask(new_provider: WorkerProcess) -> None:
    new_provider.environment["COMMERCE_PROVIDER_URL"] = "http://us:s%40same@provider:8080"
    new_provider.start()
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        headers = {"Authorization": basic("us:s@same")}
        assert (await http.get(f"{new_provider.url}/ledger", headers=headers)).status_code == 200
        assert (await http.get(f"{new_provider.url}/ledger")).status_code == 401
