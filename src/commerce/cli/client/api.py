"""An HTTP client of our own API and of the provider's ledger: tokens, bounded retries, idempotency keys, paging."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx2
import stamina
import stamina.instrumentation
from pydantic import TypeAdapter, ValidationError

from commerce.audit.token_issue import issue_recorded
from commerce.cli.client.answers import (
    ApiKeyAnswer,
    CaseAnswer,
    IssuedKeyAnswer,
    LedgerEntry,
    MaintenanceAnswer,
    MemberAccepted,
    MemberAnswer,
    OrderAnswer,
    PageAnswer,
    ParkedDecisionAnswer,
    ParkedEventAnswer,
    ParkedGroupAnswer,
    Placed,
    PreviewAnswer,
    ProductAnswer,
    RefundAnswer,
    ShipmentAnswer,
    StockLevel,
    SubscriptionLagAnswer,
    Waits,
)
from commerce.runtime.settings import Settings, read_run_file
from commerce.values.errors import BadUsage, CommerceError, Unavailable
from commerce.values.text import cleaned

Result = TypeVar("Result")
Json = Mapping[str, object]

LONGEST_WAIT_S = 30
"""Seconds for which the API keeps a placing open."""
_TIMEOUT = httpx2.Timeout(10.0, read=LONGEST_WAIT_S + 30.0)
_WHOLE_ANSWER_S = LONGEST_WAIT_S + 60.0
LARGEST_ANSWER_BYTES = 64 * 1024**2
"""Of a body; a page of a hundred orders with a thousand lines each has less."""
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_PAGE_ITEMS = 100
_MOST_ATTEMPTS = 10
_LONGEST_PAUSE_S = 10.0
_RETRY_TIMEOUT_S = 60.0
_LONGEST_DETAIL_CHARACTERS = 1_000
"""Characters of a problem that are shown."""


class ApiRejection(CommerceError):
    """What was asked will not be done; asking again would change nothing."""

    def __init__(self, status: int, detail: str, kind: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        """The problem's type (RFC 9457), without what all types begin with; empty where none was named."""

    @property
    def concerns_the_asker(self) -> bool:
        """Whether every other request will be rejected for the same reason."""
        return self.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class RejectedValues(ApiRejection, BadUsage):
    """What was asked with cannot be accepted, whatever the state of things: bad use, where somebody typed it."""


class BearerToken(httpx2.Auth):
    """Sends a token, and a new one as soon as the old one is good no more."""

    def __init__(self, issue: Callable[[], str]) -> None:
        self._issue = issue
        self._token: str | None = None
        self._turn = asyncio.Lock()

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """See `httpx2.Auth`. Raises what `issue` raises; one that is at work keeps nobody else waiting."""
        async with self._turn:
            self._token = self._token or await asyncio.to_thread(self._issue)
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            async with self._turn:
                if request.headers["Authorization"] == f"Bearer {self._token}":
                    self._token = await asyncio.to_thread(self._issue)
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request


class Site:
    """One HTTP address. Every request to it can be repeated: by its nature, or by its idempotency key.

    All raise `ApiRejection` for what will not be done, and `Unavailable` for what was not answered in a minute of
    trying.
    """

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> httpx2.Response:
        """Send a request until it is answered for good."""
        try:
            async for attempt in stamina.retry_context(_pause, attempts=_MOST_ATTEMPTS, timeout=_RETRY_TIMEOUT_S):
                with attempt:
                    request = self._http.build_request(method, path, json=body, headers=headers, params=params)
                    answer = await _answered(self._http, request)
                    _raise_for(answer)
        except httpx2.TransportError as error:
            what = str(error) or type(error).__name__
            raise Unavailable(f"{self._http.base_url} does not answer: {what}") from None
        return answer

    async def pages(
        self, path: str, of: type[Result], params: Mapping[str, str] | None = None
    ) -> AsyncIterator[Result]:
        """All items of a list, fetched page by page."""
        page_type = TypeAdapter(PageAnswer[of])  # type: ignore[valid-type]  # the item's type is known only here
        cursor: str | int | None = None
        while True:
            further = {} if cursor is None else {"cursor": cursor}
            page = _read(
                page_type, await self.call("GET", path, params={**(params or {}), "limit": _PAGE_ITEMS, **further})
            )
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

    async def whole(self, path: str, of: type[Result], params: Mapping[str, str] | None = None) -> list[Result]:
        """All items of a list, however many pages it has."""
        return [item async for item in self.pages(path, of, params)]


class Api:
    """Our API as an operator uses it. Raises what `Site` raises."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def product(self, sku: str) -> ProductAnswer | None:
        """A product as it is now; None where there is none."""
        try:
            answer = await self._site.call("GET", f"/products/{quote(sku, safe='')}")
        except ApiRejection as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return _read(TypeAdapter(ProductAnswer), answer)

    async def add_product(self, sku: str, product: Json) -> bool:
        """Add a product; answers whether there was none. One that there is, on sale or not, stays as it is."""
        try:
            await self._site.call("PUT", f"/products/{quote(sku, safe='')}", product, {"If-None-Match": "*"})
        except ApiRejection as refused:
            if refused.status == HTTPStatus.PRECONDITION_FAILED:
                return False
            raise
        return True

    async def put_product(self, sku: str, product: Json) -> None:
        """Add a product, or make it what is said here."""
        await self._site.call("PUT", f"/products/{quote(sku, safe='')}", product)

    async def receive(self, sku: str, quantity: int, key: str) -> None:
        """Put pieces on the shelf, once for a key."""
        path = f"/inventory/{quote(sku, safe='')}/receipts"
        await self._site.call("POST", path, {"quantity": quantity}, {"Idempotency-Key": key})

    async def place(self, order: Json, key: str, wait: int) -> Placed:
        """Place an order, once per key, and wait up to `wait` seconds until it is completed."""
        headers = {"Idempotency-Key": key, **({"Prefer": f"wait={wait}"} if wait else {})}
        return _read(TypeAdapter(Placed), await self._site.call("POST", "/orders", order, headers))

    async def order(self, order_id: UUID) -> OrderAnswer:
        """An order as it is now."""
        return _read(TypeAdapter(OrderAnswer), await self._site.call("GET", f"/orders/{order_id}"))

    async def orders_of(self, reference: str) -> list[OrderAnswer]:
        """The orders that carry the shop's own reference: one at most in each channel."""
        return await self._site.whole("/orders", OrderAnswer, {"reference": reference})

    def orders(self) -> AsyncIterator[OrderAnswer]:
        """All orders of everybody, newest first."""
        return self._site.pages("/orders", OrderAnswer)

    def stock(self) -> AsyncIterator[StockLevel]:
        """What is on every shelf."""
        return self._site.pages("/inventory", StockLevel)

    async def read_models(self) -> list[SubscriptionLagAnswer]:
        """How far every part of every read model is behind the log."""
        return [
            subscription
            for subscription in await self._site.whole("/ops/subscriptions", SubscriptionLagAnswer)
            if subscription.is_read_model
        ]

    async def parked_groups(self) -> list[ParkedGroupAnswer]:
        """What is parked, by cause."""
        return await self._site.whole("/ops/parked", ParkedGroupAnswer)

    def parked_events(self, group: str) -> AsyncIterator[ParkedEventAnswer]:
        """The events of a group, in log order."""
        return self._site.pages(f"/ops/parked/{quote(group, safe='')}", ParkedEventAnswer)

    async def decide_parked(self, group: str, action: str, body: Json) -> ParkedDecisionAnswer:
        """Retry, discard or edit events of a group; a repeat is another decision, which changes nothing."""
        answer = await self._site.call("POST", f"/ops/parked/{quote(group, safe='')}/{action}", body)
        return _read(TypeAdapter(ParkedDecisionAnswer), answer)

    async def ask_for(self, work: str, read_model: str) -> MaintenanceAnswer:
        """Have a read model rebuilt (`rebuild`) or verified (`verification`). Raises `BadUsage` for one that
        there is not."""
        try:
            return _read(TypeAdapter(MaintenanceAnswer), await self._site.call("POST", _maintenance(work, read_model)))
        except ApiRejection as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                raise BadUsage(str(refused)) from None
            raise

    async def progress_of(self, work: str, read_model: str) -> MaintenanceAnswer:
        """How far the one asked for last is."""
        return _read(TypeAdapter(MaintenanceAnswer), await self._site.call("GET", _maintenance(work, read_model)))

    async def cancel_work(self, work: str, read_model: str) -> MaintenanceAnswer:
        """Give it up."""
        return _read(TypeAdapter(MaintenanceAnswer), await self._site.call("DELETE", _maintenance(work, read_model)))

    async def waits(self, order_id: UUID) -> Waits:
        """What an order waits for."""
        return _read(TypeAdapter(Waits), await self._site.call("GET", f"/orders/{order_id}/process"))

    async def cases(self) -> list[CaseAnswer]:
        """What waits for a person, of the order that was placed last first."""
        return await self._site.whole("/ops/cases", CaseAnswer)

    async def decide(self, path: str, body: Json, *, dry_run: bool = False) -> PreviewAnswer | None:
        """Do something about a case or a process, once; with `dry_run` answer what it would lead to."""
        if dry_run:
            answer = await self._site.call("POST", path, body, params={"dry_run": "true"})
            return _read(TypeAdapter(PreviewAnswer), answer)
        await self._site.call("POST", path, body, {"Idempotency-Key": str(uuid4())})
        return None

    async def refund(self, order_id: UUID, body: Json, key: str) -> RefundAnswer:
        """Have money given back, once for a key."""
        answer = await self._site.call("POST", f"/orders/{order_id}/refunds", body, {"Idempotency-Key": key})
        return _read(TypeAdapter(RefundAnswer), answer)

    async def refunds(self, order_id: UUID) -> list[RefundAnswer]:
        """What was asked to be given back for an order, the last first."""
        return await self._site.whole(f"/orders/{order_id}/refunds", RefundAnswer)

    async def api_keys(self, service: str | None) -> list[ApiKeyAnswer]:
        """The API keys of services, those issued last first; with `service`, its keys only."""
        return await self._site.whole("/auth/keys", ApiKeyAnswer, {"service": service} if service else None)

    async def issue_key(self, path: str, body: Json, key: str) -> IssuedKeyAnswer:
        """Have an API key issued, or one rotated, once for a key of the request."""
        answer = await self._site.call("POST", path, body, {"Idempotency-Key": key})
        return _read(TypeAdapter(IssuedKeyAnswer), answer)

    async def revoke_key(self, key_id: UUID) -> None:
        """Have an API key not accepted any more."""
        await self._site.call("DELETE", f"/auth/keys/{key_id}")

    async def staff(self) -> list[MemberAnswer]:
        """The members of staff, those invited last first."""
        return await self._site.whole("/staff", MemberAnswer)

    async def change_staff(self, method: str, path: str, body: Json | None = None) -> MemberAccepted:
        """Do something about a member of staff, once."""
        answer = await self._site.call(method, f"/staff{path}", body, {"Idempotency-Key": str(uuid4())})
        return _read(TypeAdapter(MemberAccepted), answer)

    async def cancel(self, order_id: UUID, reason: str) -> None:
        """Ask for an order to be undone."""
        await self._site.call("POST", f"/orders/{order_id}/cancellation", {"reason": reason})

    async def shipments(self, order_id: UUID) -> list[ShipmentAnswer]:
        """The shipments of an order."""
        return await self._site.whole(f"/orders/{order_id}/shipments", ShipmentAnswer)

    async def dispatch(self, shipment_id: UUID) -> None:
        """Say that a shipment left the house."""
        await self._site.call("POST", f"/shipments/{shipment_id}/dispatch")

    async def deliver(self, shipment_id: UUID) -> None:
        """Say that a shipment arrived."""
        await self._site.call("POST", f"/shipments/{shipment_id}/delivery")


class Provider:
    """What the payment provider says happened. Raises what `Site` raises."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def ledger(self) -> AsyncIterator[LedgerEntry]:
        """Every movement of money, oldest first."""
        return self._site.pages("/ledger", LedgerEntry)

    def ledger_of(self, order_id: UUID) -> AsyncIterator[LedgerEntry]:
        """The movements of money for one order."""
        return self._site.pages("/ledger", LedgerEntry, {"order_id": str(order_id)})


async def _answered(http: httpx2.AsyncClient, request: httpx2.Request) -> httpx2.Response:
    """The whole answer, within a time and a size, and never compressed, as little may unfold to much. Raises
    `TransportError`."""
    request.headers["Accept-Encoding"] = "identity"
    body = bytearray()
    try:
        async with asyncio.timeout(_WHOLE_ANSWER_S):
            answer = await http.send(request, stream=True)
            async with aclosing(answer):
                async for piece in answer.aiter_raw():
                    body += piece
                    if len(body) > LARGEST_ANSWER_BYTES:
                        raise httpx2.ReadError(f"an answer of more than {LARGEST_ANSWER_BYTES // 1024**2} MiB")
    except TimeoutError:
        raise httpx2.ReadTimeout(f"no whole answer within {_WHOLE_ANSWER_S:.0f} s") from None
    headers = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in _OF_THE_WIRE]
    return httpx2.Response(answer.status_code, headers=headers, content=bytes(body), request=request)


@asynccontextmanager
async def open_system(settings: Settings, subject: str, connections: int = 16) -> AsyncIterator[tuple[Api, Provider]]:
    """The API, as an operator of this name, and the provider of the system that runs. Raises `BadUsage` where
    none does, and where the provider shows no ledger."""
    if settings.provider != "http":
        raise BadUsage(
            "this needs a payment provider that shows its ledger, as the simulated one: COMMERCE_PROVIDER=http"
        )
    provider_url = settings.required("provider_url")
    async with (
        open_api(settings, subject, connections) as api,
        httpx2.AsyncClient(base_url=provider_url, timeout=_TIMEOUT, trust_env=False) as provider,
    ):
        yield api, Provider(Site(provider))


@asynccontextmanager
async def open_api(settings: Settings, subject: str, connections: int = 16) -> AsyncIterator[Api]:
    """The API of the system that runs, as an operator of this name. Raises `BadUsage` where none does."""
    default = f"http://{settings.api_host}:{settings.api_port}"
    api_url = str(read_run_file(settings.run_file).get("api_url", default))
    stamina.instrumentation.set_on_retry_hooks([])  # what is tried again is told once it has failed for good
    auth = BearerToken(lambda: issue_recorded(settings, "operator", subject, subject))
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with httpx2.AsyncClient(
        base_url=f"{api_url}/api/v1", auth=auth, timeout=_TIMEOUT, limits=limits, trust_env=False
    ) as api:
        await _require_answer(api, f"{api_url}/health/live")
        yield Api(Site(api))


async def _require_answer(http: httpx2.AsyncClient, url: str) -> None:
    """A system that is not there at all is told at once, without trying for a minute."""
    try:
        await http.get(url, auth=None)
    except httpx2.TransportError:
        raise BadUsage(f"no system answers at {url}; start one with `commerce up`") from None


def _maintenance(work: str, read_model: str) -> str:
    return f"/ops/projections/{quote(read_model, safe='')}/{work}"


def _raise_for(answer: httpx2.Response) -> None:
    if answer.is_success:
        return
    request, problem = answer.request, _problem_document(answer)
    detail = f"{request.method} {request.url.path} answered {answer.status_code}: {_problem(answer, problem)}"
    if answer.status_code == httpx2.codes.SERVICE_UNAVAILABLE:
        raise Unavailable(detail, retry_after=_seconds(answer.headers.get("Retry-After", "")))
    kind = str((problem or {}).get("type", "")).rpartition("/")[2]
    rejection = RejectedValues if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY else ApiRejection
    raise rejection(answer.status_code, detail, kind)


def _pause(error: Exception) -> bool | float:
    """Whether to try again; a float says after how many seconds."""
    if isinstance(error, Unavailable):
        return min(float(error.retry_after), _LONGEST_PAUSE_S)
    return isinstance(error, httpx2.TransportError)


def _seconds(retry_after: str) -> int:
    return int(retry_after[:9]) if retry_after.isascii() and retry_after.isdigit() else 1


def _problem_document(answer: httpx2.Response) -> dict[str, Any] | None:
    try:
        problem = answer.json()
    except (ValueError, RecursionError):
        return None
    return problem if isinstance(problem, dict) else None


def _problem(answer: httpx2.Response, problem: dict[str, Any] | None) -> str:
    """What an RFC 9457 problem says, or the beginning of whatever else came; on one line, as it goes to a terminal."""
    if problem is None:
        return cleaned(answer.text, _LONGEST_DETAIL_CHARACTERS)
    said = str(problem.get("detail") or problem.get("title"))
    errors = [each for each in problem.get("errors") or [] if isinstance(each, dict)]
    fields = "".join(
        f"; {each.get('field')}: {each.get('message')}" for each in errors if str(each.get("message")) not in said
    )
    return cleaned(f"{said}{fields}", _LONGEST_DETAIL_CHARACTERS)


def _read(of: TypeAdapter[Result], answer: httpx2.Response) -> Result:
    try:
        return of.validate_json(answer.content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise CommerceError(
            f"{answer.request.url} gave an answer we do not understand: {place}: {first['msg']}"
        ) from None
