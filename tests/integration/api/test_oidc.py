"""A real OpenID Connect server logs people in, and its tokens open what their groups mean here."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2
import pytest

from commerce.embedded.ports import free_port
from commerce.runtime.settings import Settings
from commerce.runtime.tokens import issue_token
from tests.integration.api.conftest import Shop, key, serving
from tests.integration.api.test_problems import check
from tests.waiting import LIMIT_S, eventually

BACK = "http://127.0.0.1/back"


@dataclass(frozen=True)
class Issuer:
    """A running OpenID Connect server, at which everybody logs in as whom they like."""

    url: str
    process: subprocess.Popen[bytes]

    async def token(self, subject: str, groups: list[str] | None, audience: str = "commerce-api") -> str:
        """The token of somebody who logs in by the code flow, at an application of this name."""
        async with httpx2.AsyncClient(base_url=self.url, timeout=LIMIT_S, verify=False) as browser:
            about = {} if groups is None else {"groups": groups}
            (await browser.put(f"/users/{subject}", json=about)).raise_for_status()
            asked = {"response_type": "code", "client_id": audience, "redirect_uri": BACK, "scope": "openid"}
            sent_back = await browser.post("/oauth2/authorize", params=asked, data={"sub": subject})
            (code,) = parse_qs(urlsplit(sent_back.headers["Location"]).query)["code"]
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
            answer = await browser.post("/oauth2/token", data=form, auth=(audience, "secret"))
            return str(answer.raise_for_status().json()["id_token"])


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """A server; starting it takes two seconds."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        yield Issuer(f"http://127.0.0.1:{port}", process)
        process.kill()


async def is_up(issuer: Issuer) -> bool:
    """Whether the server answers."""
    try:
        async with httpx2.AsyncClient(timeout=LIMIT_S, verify=False) as client:
            return (await client.get(f"{issuer.url}/.well-known/openid-configuration")).is_success
    except httpx2.TransportError:
        return False


async def test_who_logs_in_at_an_external_issuer_may_do_what_their_groups_mean(
    shop: Shop, issuer: Issuer, settings: Settings
) -> None:
    await eventually(lambda: is_up(issuer))
    terms = {
        "oidc_issuer": issuer.url,
        "oidc_audience": "commerce-api",
        "oidc_role_claim": "groups",
        "oidc_roles": "shop-operators=operator,shop-auditors=auditor",
    }
    await shop.stock("lamp")
    trusting = settings.model_copy(update=terms)
    async with serving(trusting) as url, httpx2.AsyncClient(base_url=f"{url}/api/v1", timeout=LIMIT_S) as client:

        async def ask(token: str, path: str = "/orders") -> httpx2.Response:
            return await client.get(path, headers={"Authorization": f"Bearer {token}"})

        ours = issue_token(settings, role="operator", subject="olga")
        olga, vera = (
            await issuer.token("olga", ["staff", "shop-operators"]),
            await issuer.token("vera", ["shop-auditors"]),
        )
        bearer = {"Authorization": f"Bearer {olga}"}
        moved = await client.post("/inventory/lamp/receipts", json={"quantity": 1}, headers={**bearer, **key()})
        (event,) = await shop.store.read_log(moved.json()["position"] - 1, moved.json()["position"])
        assert event.actor == "operator:oidc:olga"
        assert (await ask(vera)).status_code == 200
        refused = await client.post(
            "/inventory/lamp/receipts", json={"quantity": 1}, headers={"Authorization": f"Bearer {vera}", **key()}
        )
        check(refused, 403, "not-allowed")
        check(await ask(olga, "/staff/me"), 404, "not-found")
        for token in (
            await issuer.token("eve", ["others"]),
            await issuer.token("eve", None),
            await issuer.token("olga", ["shop-operators"], audience="another-api"),
        ):
            check(await ask(token), 401, "invalid-token")
        check(await shop.client().get("/orders", headers=bearer), 401, "invalid-token")  # where no issuer is set
        issuer.process.terminate()
        await eventually(lambda: _is_down(issuer))
        assert (await ask(olga)).status_code == 200  # its keys are known

    async with serving(trusting) as url, httpx2.AsyncClient(base_url=f"{url}/api/v1", timeout=LIMIT_S) as client:
        answers = await asyncio.gather(*(ask_orders(client, token) for token in (olga, ours) for _ in range(5)))
        for answer in answers[:5]:
            check(answer, 503, "unavailable")
        assert [answer.status_code for answer in answers[5:]] == [200] * 5
        registered = {"email": f"{uuid4()}@example.org", "password": "a long sentence of mine"}
        assert (await client.post("/customers", json=registered)).status_code == 201


async def ask_orders(client: httpx2.AsyncClient, token: str) -> httpx2.Response:
    return await client.get("/orders", headers={"Authorization": f"Bearer {token}"})


async def _is_down(issuer: Issuer) -> bool:
    return not await is_up(issuer)
