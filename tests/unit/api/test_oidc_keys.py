"""Keys of an external issuer: asked for seldom, bounded, and kept for a time where it does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from api.oidc import issuer_client
from api.oidc.issuer_client import LARGEST_ANSWER_BYTES, MOST_KEYS, IssuerClient
from api.oidc.key_cache import FAILURE_PAUSE_S, LONGEST_USE_S, KeyCache
from commerce.runtime.oidc_settings import OidcTerms, oidc_terms
from commerce.runtime.settings import Settings
from commerce.values.errors import BadUsage, Unavailable
from tests.unit.api.oidc_issuer import Published, ec_key, rsa_key


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def cache_of(published: Published, clock: Clock) -> KeyCache:
    return KeyCache(published.read, keys_s=3600, unknown_pause_s=60, clock=clock)


async def test_keys_are_asked_for_once_by_many_and_again_when_they_are_old(clock: Clock) -> None:
    published = Published(rsa_key(), ec_key())
    keys = cache_of(published, clock)
    found = await asyncio.gather(*(keys.find(name) for name in ("one", "two", "one")))
    assert [key.key_id for key in found if key] == ["one", "two", "one"]
    clock.now += 3599
    await keys.find("one")
    assert published.asked == 1
    clock.now += 1
    await keys.find("one")
    assert published.asked == 2


async def test_strangers_with_unknown_keys_make_us_ask_seldom_and_a_new_key_is_found(clock: Clock) -> None:
    published = Published(rsa_key())
    keys = cache_of(published, clock)
    await keys.find("one")
    for second in range(600):
        await asyncio.gather(*(keys.find(f"unknown {second} {number}") for number in range(3)))
        clock.now += 1
    assert published.asked <= 1 + 600 / 60
    published.keys.append(ec_key())
    clock.now += 60
    assert await keys.find("two") is not None


async def test_a_token_without_a_kid_is_of_the_only_key(clock: Clock) -> None:
    assert await cache_of(Published(rsa_key(None)), clock).find(None) is not None
    assert await cache_of(Published(rsa_key()), clock).find(None) is not None
    assert await cache_of(Published(rsa_key(), ec_key()), clock).find(None) is None


async def test_an_issuer_that_is_down_is_not_asked_again_at_once_and_its_keys_are_good_for_a_time(clock: Clock) -> None:
    published = Published(rsa_key())
    published.failure = Unavailable("no answer")
    keys = cache_of(published, clock)
    for _ in range(3):
        with pytest.raises(Unavailable, match="no answer"):
            await keys.find("one")
    assert published.asked == 1
    clock.now += FAILURE_PAUSE_S
    published.failure = None
    assert await keys.find("one") is not None
    published.failure = Unavailable("no answer")
    clock.now += 3600
    assert await keys.find("one") is not None
    clock.now += LONGEST_USE_S
    with pytest.raises(Unavailable):
        await keys.find("one")
    published.failure = None
    clock.now += FAILURE_PAUSE_S
    assert await keys.find("one") is not None


@asynccontextmanager
async def site(description: Any = None, keys: Any = None, status: int = 200, wait_s: float = 0) -> AsyncIterator[str]:
    """A site that answers this; answers its address."""
    address = ""

    async def describe(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(wait_s)
        about = {"issuer": address, "jwks_uri": f"{address}/jwks"} if description is None else description(address)
        return about if isinstance(about, web.StreamResponse) else web.json_response(about, status=status)

    async def publish(_: web.Request) -> web.StreamResponse:
        return web.json_response({"keys": [rsa_key().described]} if keys is None else keys)

    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", describe)
    app.router.add_get("/jwks", publish)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        started = web.TCPSite(runner, "127.0.0.1", 0)
        await started.start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield address
    finally:
        await runner.cleanup()


async def test_what_is_published_is_read_and_keys_that_are_of_no_use_are_left_out() -> None:
    short = {"kty": "RSA", "kid": "short", "e": "AQAB", "n": "AQAB" * 43}
    useless = [short, {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"}, {"kty": "EC", "kid": "x"}, "nonsense", {}]
    useless += [{**rsa_key().described, "kid": "other use", "use": "enc"}, {**ec_key().described, "alg": "HS256"}]
    async with site(keys={"keys": [*useless, rsa_key().described, ec_key().described]}) as address:
        assert set(await IssuerClient(address).read_keys()) == {"one", "two"}


WRONG: dict[str, dict[str, Any]] = {
    "the issuer is another": {"description": lambda at: {"issuer": "https://thief.example", "jwks_uri": f"{at}/jwks"}},
    "no jwks_uri": {"description": lambda at: {"issuer": at}},
    "a file": {"description": lambda at: {"issuer": at, "jwks_uri": "file:///etc/passwd"}},
    "a password": {"description": lambda at: {"issuer": at, "jwks_uri": "http://a:b@127.0.0.1/jwks"}},
    "no object": {"description": lambda _: []},
    "no JSON": {"description": lambda _: web.Response(text="<html>")},
    "too much": {"description": lambda _: web.Response(body=b" " * (LARGEST_ANSWER_BYTES + 1))},
    "a redirect": {"description": lambda at: web.Response(status=302, headers={"Location": f"{at}/jwks"})},
    "compressed": {"description": lambda _: web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})},
    "an error": {"status": 500},
    "no keys": {"keys": {"keys": []}},
    "keys that are no list": {"keys": {"keys": {}}},
    "too many keys": {"keys": {"keys": [{}] * (MOST_KEYS + 1)}},
    "no answer in time": {"wait_s": 5.0},
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_cannot_be_believed_is_not_and_nothing_is_waited_for_long(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_client, "CALL_TIMEOUT_S", 0.5)
    async with site(**WRONG[name]) as address:
        with pytest.raises(Unavailable, match="cannot be asked for its keys"):
            await IssuerClient(address).read_keys()


async def test_an_issuer_that_is_not_there_is_unavailable() -> None:
    async with site() as address:
        pass
    with pytest.raises(Unavailable, match="no answer"):
        await IssuerClient(address).read_keys()


GOOD = {"oidc_issuer": "https://id.example", "oidc_audience": "commerce-api", "oidc_roles": "shop-operators=operator"}


def terms(**changed: Any) -> OidcTerms | None:
    return oidc_terms(Settings(**{**GOOD, **changed}))


def test_settings_are_read_as_one() -> None:
    assert oidc_terms(Settings()) is None
    found = terms(oidc_roles=" a=b=operator , shop-auditors=auditor,")
    assert found is not None
    assert list(found.roles) == [("a=b", "operator"), ("shop-auditors", "auditor")]
    for issuer in ("http://127.0.0.1:9400", "http://localhost/x", "http://[::1]:1", "https://id.example/realms/a/"):
        assert terms(oidc_issuer=issuer) is not None


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"oidc_issuer": "http://id.example"}, "COMMERCE_OIDC_ISSUER"),
        ({"oidc_issuer": "id.example"}, "COMMERCE_OIDC_ISSUER"),
        ({"oidc_issuer": "https://id.example/?a=b"}, "COMMERCE_OIDC_ISSUER"),
        ({"oidc_issuer": "https://a:b@id.example"}, "COMMERCE_OIDC_ISSUER"),
        ({"oidc_issuer": "https://[id.example"}, "COMMERCE_OIDC_ISSUER"),
        ({"oidc_audience": None}, "COMMERCE_OIDC_AUDIENCE"),
        ({"oidc_role_claim": ""}, "COMMERCE_OIDC_ROLE_CLAIM"),
        ({"oidc_roles": ""}, "COMMERCE_OIDC_ROLES"),
        ({"oidc_roles": "operator"}, "COMMERCE_OIDC_ROLES"),
        ({"oidc_roles": "=operator"}, "COMMERCE_OIDC_ROLES"),
        ({"oidc_roles": "everybody=customer"}, "COMMERCE_OIDC_ROLES"),
        ({"oidc_roles": "everybody=admin"}, "COMMERCE_OIDC_ROLES"),
    ],
)
def test_settings_that_would_let_in_others_are_named(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(BadUsage, match=named):
        terms(**changed)
