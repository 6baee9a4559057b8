"""Stripe for tests: `localstripe` as a process, and in front of it what Stripe has and `localstripe` has not.

Idempotency keys (a key is answered by its first answer, 5xx included; another request under it is an error, one at the
same time is told to come later); the sums that an intent names; the codes of errors; where a customer is sent; refunds
that are at most what was taken, and only of what was taken; disputes; cancelling and confirming by Stripe's rules of
states; one API key only.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode
from urllib.request import urlopen

from aiohttp import ClientSession, web

from commerce.embedded.child import end, spawn
from commerce.embedded.ports import free_port
from tests.unit.workers.stripe_shapes import dispute, listed
from tests.waiting import LIMIT_S

API_KEY = "sk_test_commerce"

_RUN = """
import sys
from aiohttp import web
from localstripe import resources, server
resources.Store.dump_to_disk = lambda self: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
"""As `python -m localstripe --from-scratch`, but on this machine only, and without a file for all in /tmp."""

Body = dict[str, Any]

_UNKNOWN = ("allowed_payment_method_types", "return_url")
"""Parameters of the present API that `localstripe` does not take."""

_ALLOWED = {
    "confirm": {"requires_confirmation"},
    "capture": {"requires_capture"},
    "cancel": {"requires_payment_method", "requires_capture", "requires_confirmation", "requires_action"},
}
"""The states of an intent in which something may be done with it."""


@contextmanager
def localstripe(folder: Path) -> Iterator[str]:
    """The address of a `localstripe` of the test's own."""
    port = free_port()
    command = [sys.executable, "-c", _RUN, str(port)]
    process = spawn(command, log=folder / "localstripe.log", environment={"PATH": "/usr/bin:/bin", "HOME": str(folder)})
    try:
        _await_port(f"http://127.0.0.1:{port}/js.stripe.com/v3/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(process)


def _await_port(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while True:
        try:
            urlopen(url, timeout=1).close()
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a call: it is done or not, and answered by something else, or not at all."""

    says: Said | None = None
    """None: the connection ends without an answer."""
    is_done: bool = False


Rule = Callable[[str, str], Fault | None]
"""What goes wrong with a method and a path; None passes it on."""


@dataclass
class StripeFront:
    """Where it listens, what it was asked, and what it remembers."""

    behind: str
    url: str = ""
    rule: Rule = lambda _method, _path: None
    asked: list[str] = field(default_factory=list)
    api_key: str = API_KEY
    answers: dict[str, tuple[str, bytes, Said]] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    received: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """What was taken of each intent."""
    returns: dict[str, str] = field(default_factory=dict)
    """Where the customer of each intent comes back to."""
    disputed: dict[str, str] = field(default_factory=dict)
    """The status of the dispute of each intent that has one."""
    session: ClientSession | None = None

    def calls(self, ending: str) -> int:
        """How often something was to be done at a path that ends so."""
        return sum(one.startswith("POST") and one.endswith(ending) for one in self.asked)

    async def intents(self, order_id: object = None) -> list[Body]:
        """All intents, or those of an order, oldest first, as Stripe would show them."""
        found = await self._behind("GET", "/v1/payment_intents?limit=100", b"")
        assert isinstance(found.body, dict)
        shown = [self._complete(each) for each in found.body["data"]]
        ours = [one for one in shown if order_id is None or one["metadata"].get("order_id") == str(order_id)]
        return sorted(ours, key=lambda one: one["created"])

    async def refunds(self, intent: str) -> list[int]:
        """The amounts that were given back of an intent, oldest first."""
        found = await self._handled("GET", f"/v1/refunds?payment_intent={intent}", b"")
        assert isinstance(found.body, dict)
        return [each["amount"] for each in reversed(found.body["data"])]

    async def card(self, number: str) -> str:
        """A payment method of a card."""
        form = f"type=card&card[number]={number}&card[exp_month]=12&card[exp_year]=2030&card[cvc]=123"
        found = await self._behind("POST", "/v1/payment_methods", form.encode())
        assert isinstance(found.body, dict)
        return str(found.body["id"])

    async def authenticate(self, id_: str, *, succeeds: bool) -> None:
        """The customer of an intent does what they were sent for."""
        intent = (await self._behind("GET", f"/v1/payment_intents/{id_}", b"")).body
        assert isinstance(intent, dict)
        form = urlencode({"client_secret": intent["client_secret"], "success": str(succeeds).lower()})
        said = await self._behind("POST", f"/v1/payment_intents/{id_}/_authenticate", form.encode())
        assert said.status == 200, said.body

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        body = await request.read()
        self.asked.append(f"{request.method} {request.path}")
        fault = self.rule(request.method, request.path)
        if fault is not None and not fault.is_done and fault.says is not None:
            return _response(fault.says)
        said = Said(0, None)
        if fault is None or fault.is_done:
            said = await self._called(request, body)
        if fault is None:
            return _response(said)
        if fault.says is None:
            assert request.transport is not None
            request.transport.abort()
            await asyncio.sleep(1)
        return _response(fault.says or said)

    async def _called(self, request: web.BaseRequest, body: bytes) -> Said:
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return _error(401, "invalid_request_error", None, "Invalid API Key provided")
        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or key is None:
            return await self._handled(request.method, request.path_qs, body)
        if key in self.answers:
            path, before, said = self.answers[key]
            if (path, before) != (request.path_qs, body):
                return _error(400, "idempotency_error", None, "Keys for idempotent requests stand for one request.")
            return Said(said.status, said.body, {"Idempotent-Replayed": "true"})
        if key in self.under_way:
            return _error(409, "idempotency_error", "idempotency_key_in_use", "Another request is under way.")
        self.under_way.add(key)
        try:
            await asyncio.sleep(0.02)
            said = await self._handled(request.method, request.path_qs, body)
        finally:
            self.under_way.discard(key)
        self.answers[key] = (request.path_qs, body, said)
        return said

    async def _handled(self, method: str, path: str, body: bytes) -> Said:
        rejection = await self._rejection(method, path.partition("?")[0], dict(parse_qsl(body.decode())))
        if rejection is not None:
            return rejection
        if method == "GET" and (found := await self._ledger(path)) is not None:
            return Said(200, listed(*found))
        if method == "GET" and path.startswith("/v1/refunds") and not await self._is_charged(path):
            return Said(200, {"object": "list", "data": [], "has_more": False, "url": "/v1/refunds"})
        asked = dict(parse_qsl(body.decode()))
        if "return_url" in asked:
            self.returns[path.split("/")[3]] = asked["return_url"]
        known = [(name, value) for name, value in parse_qsl(body.decode()) if not name.startswith(_UNKNOWN)]
        said = await self._behind(method, path, urlencode(known).encode())
        if not isinstance(said.body, dict):
            return said
        if path.endswith("/capture") and said.status == 200:
            self.received[said.body["id"]] = int(asked["amount_to_capture"])
        return Said(said.status, self._shown(method, path, said.body))

    async def _ledger(self, path: str) -> list[Body] | None:
        """What stands on the lists that a ledger is read from, in the shapes of Stripe's reference; None for another
        path. `localstripe` has no disputes, and charges without what was given back."""
        where, _, query = path.partition("?")
        asked = dict(parse_qsl(query))
        since = int(asked.get("created[gte]", 0))
        match where:
            case "/v1/disputes" if id_ := asked.get("payment_intent"):
                return [dispute(self.disputed[id_], payment_intent=id_)] if id_ in self.disputed else []
            case "/v1/disputes":
                disputed = [one for one in await self.intents() if one["id"] in self.disputed]
                return [dispute(self.disputed[one["id"]], charge=await self._charge(one)) for one in disputed]
            case "/v1/payment_intents" if "created[gte]" in asked:
                found = [one for one in await self.intents() if one["created"] >= since]
                return [{**one, "latest_charge": await self._charge(one)} for one in found]
            case "/v1/balance_transactions":
                return []
        return None

    async def _charge(self, intent: Body) -> Body | None:
        """The charge of an intent, with what was taken and given back."""
        if intent["latest_charge"] is None:
            return None
        taken, is_taken = intent["amount_received"], intent["status"] == "succeeded"
        return {
            **{name: intent[name] for name in ("amount", "currency", "created", "metadata")},
            "id": intent["latest_charge"],
            "object": "charge",
            "payment_intent": intent["id"],
            "amount_captured": taken,
            "amount_refunded": sum(await self.refunds(intent["id"])) if is_taken else 0,
        }

    async def _is_charged(self, path: str) -> bool:
        """Whether the intent of a list of refunds has a charge; `localstripe` breaks without one."""
        id_ = dict(parse_qsl(path.partition("?")[2]))["payment_intent"]
        found = await self._behind("GET", f"/v1/payment_intents/{id_}", b"")
        return isinstance(found.body, dict) and found.body.get("latest_charge") is not None

    async def _rejection(self, method: str, path: str, asked: Mapping[str, str]) -> Said | None:
        """What Stripe does not do, and `localstripe` does, or rejects without saying why."""
        match method, path.strip("/").split("/"):
            case "POST", ["v1", "refunds"]:
                return await self._refund_rejection(asked)
            case "POST", ["v1", "payment_intents", id_, operation]:
                return await self._intent_rejection(id_, operation, asked)
        return None

    async def _intent_rejection(self, id_: str, operation: str, asked: Mapping[str, str]) -> Said | None:
        found = await self._behind("GET", f"/v1/payment_intents/{id_}", b"")
        if found.status != 200 or not isinstance(found.body, dict):
            text = f"No such payment_intent: '{id_}'"
            return _error(404, "invalid_request_error", "resource_missing", text, "intent")
        status = found.body["status"]
        if status not in _ALLOWED[operation]:
            text = f"You cannot {operation} this PaymentIntent because it has a status of {status}."
            return _error(400, "invalid_request_error", "payment_intent_unexpected_state", text)
        if operation == "capture" and int(asked["amount_to_capture"]) > found.body["amount"]:
            return _error(400, "invalid_request_error", None, "More than can be captured.", "amount_to_capture")
        return None

    async def _refund_rejection(self, asked: Mapping[str, str]) -> Said | None:
        id_ = asked["payment_intent"]
        found = await self._behind("GET", f"/v1/payment_intents/{id_}", b"")
        if found.status != 200 or not isinstance(found.body, dict):
            text = f"No such payment_intent: '{id_}'"
            return _error(404, "invalid_request_error", "resource_missing", text, "payment_intent")
        if found.body["status"] != "succeeded":
            text = f"This PaymentIntent ({id_}) has no successful charge to refund."
            return _error(400, "invalid_request_error", None, text, "payment_intent")
        if self.disputed.get(id_, "won") != "won":
            return _error(400, "invalid_request_error", "charge_disputed", "The charge has been charged back.")
        if sum(await self.refunds(id_)) + int(asked["amount"]) > self.received[id_]:
            return _error(400, "invalid_request_error", None, "More than is left of the charge.", "amount")
        return None

    def _shown(self, method: str, path: str, body: Body) -> Body:
        if "error" in body:
            return self._completed_error(method, path, body)
        if body.get("object") == "payment_intent":
            return self._complete(body)
        if body.get("object") == "list" and path.startswith("/v1/refunds"):
            ours = [each for each in body["data"] if each["metadata"]]  # not what a partial capture let go
            return {**body, "data": ours}
        return body

    def _complete(self, intent: Body) -> Body:
        """An intent with the sums that Stripe names."""
        held = intent["amount"] if intent["status"] == "requires_capture" else 0
        charge = intent["latest_charge"]
        return {
            **intent,
            "amount_capturable": held,
            "amount_received": self.received.get(intent["id"], 0),
            "latest_charge": charge["id"] if isinstance(charge, dict) else charge,
            "next_action": self._next_action(intent),
        }

    def _next_action(self, intent: Body) -> Body | None:
        """As Stripe has it where the customer can be sent somewhere."""
        found: Body | None = intent["next_action"]
        back = self.returns.get(intent["id"])
        if found is None or back is None:
            return found
        url = f"https://hooks.stripe.com/3d_secure_2/hosted?payment_intent={intent['id']}"
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": back, "url": url}}

    def _completed_error(self, method: str, path: str, body: Body) -> Body:
        """An error with the code and the parameter that Stripe names."""
        error = dict(body["error"])
        if error.get("code") == "card_declined":
            return {"error": {**error, "type": "card_error", "decline_code": "generic_decline"}}
        if error.get("message") == "Not Found":
            param = "payment_method" if (method, path) == ("POST", "/v1/payment_intents") else "intent"
            return {"error": {**error, "code": "resource_missing", "param": param}}
        return {"error": error}

    async def _behind(self, method: str, path: str, body: bytes) -> Said:
        assert self.session is not None
        headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/x-www-form-urlencoded"}
        async with self.session.request(method, self.behind + path, data=body or None, headers=headers) as found:
            text = await found.text()
            try:
                return Said(found.status, json.loads(text))
            except ValueError:
                return Said(found.status, text)


def _response(said: Said) -> web.Response:
    if isinstance(said.body, str):
        return web.Response(status=said.status, text=said.body, headers=said.headers)
    return web.json_response(said.body, status=said.status, headers=said.headers)


def _error(status: int, type_: str, code: str | None, message: str, param: str | None = None) -> Said:
    named = {"type": type_, "code": code, "message": message, "param": param}
    return Said(status, {"error": {name: value for name, value in named.items() if value is not None}})


@asynccontextmanager
async def stripe_front(behind: str, rule: Rule = lambda _method, _path: None) -> AsyncIterator[StripeFront]:
    """Listen in front of a `localstripe` until the block ends."""
    async with ClientSession() as session:
        front = StripeFront(behind, rule=rule, session=session)
        runner = web.ServerRunner(web.Server(front.answer, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            front.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield front
        finally:
            await runner.cleanup()
