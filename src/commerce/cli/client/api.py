"""An HTTP client of our own API and of the provider's ledger: tokens, bounded retries, idempotency keys, paging."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx2
import stamina.instrumentation
from pydantic import TypeAdapter, ValidationError

from commerce.audit.token_issue import issue_recorded
from commerce.cli.client.answers import (
    ApiKeyAnswer,
    CaseAnswer,
    DeliveryAnswer,
    EndpointAnswer,
    EndpointSecretAnswer,
    ImportedLineAnswer,
    IssuedKeyAnswer,
    LedgerEntry,
    MaintenanceAnswer,
    MemberAccepted,
    MemberAnswer,
    PageAnswer,
    ParkedDecisionAnswer,
    ParkedEventAnswer,
    ParkedGroupAnswer,
    PreviewAnswer,
    RefundAnswer,
)
from commerce.cli.client.http_client import TIMEOUT, ApiRejection, BearerToken, RetryingClient
from commerce.runtime.settings import Settings, read_run_file
from commerce.values.errors import BadUsage, CommerceError, Unavailable

if TYPE_CHECKING:
    from commerce.cli.client.shop import Shop

Result = TypeVar("Result")
Json = Mapping[str, object]

_PAGE_ITEMS = 100
_WEBHOOKS = "/webhook-endpoints"


class Site:
    """One HTTP address, and what all paths on it begin with. Raises what `RetryingClient` raises."""

    def __init__(self, http: RetryingClient, prefix: str = "") -> None:
        self.http = http
        self._prefix = prefix

    async def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
        *,
        content: bytes | None = None,
    ) -> httpx2.Response:
        """Send a request, whose body is JSON or `content`, until it is answered for good."""
        return await self.http.request(
            method, f"{self._prefix}{path}", json=body, headers=headers, params=params, content=content
        )

    def lines(self, path: str, params: Mapping[str, str]) -> AsyncIterator[bytes]:
        """The lines of an answer that may be long, as they come."""
        return self.http.lines(f"{self._prefix}{path}", params)

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

    @cached_property
    def shop(self) -> Shop:
        """Products, stock, orders and shipments."""
        from commerce.cli.client.shop import Shop  # noqa: PLC0415 - the generated client takes 0.1 s to import

        return Shop(self._site.http)

    async def import_lines(self, path: str, lines: bytes, key: str, from_line: int) -> list[ImportedLineAnswer]:
        """Send lines of an import, once for a key and their numbers; the answers to them."""
        headers = {"Idempotency-Key": key, "Content-Type": "application/x-ndjson"}
        answer = await self._site.call(
            "POST", f"/{path}:import", None, headers, {"from_line": from_line}, content=lines
        )
        try:
            return [ImportedLineAnswer.model_validate_json(line) for line in answer.content.splitlines()]
        except ValidationError:
            raise Unavailable(f"{answer.url} answers with what is none of ours") from None

    def export_lines(self, path: str, cursor: str | None) -> AsyncIterator[bytes]:
        """The lines of an export after a cursor, each whole."""
        return self._site.lines(path, {} if cursor is None else {"cursor": cursor})

    async def webhook_endpoints(self) -> list[EndpointAnswer]:
        """The webhook endpoints, those added last first."""
        return await self._site.whole(_WEBHOOKS, EndpointAnswer)

    async def webhook_deliveries(self, endpoint_id: UUID, status: str | None) -> list[DeliveryAnswer]:
        """What is delivered to an endpoint, the newest event first."""
        wanted = {"status": status} if status else None
        return await self._site.whole(f"{_WEBHOOKS}/{endpoint_id}/deliveries", DeliveryAnswer, wanted)

    async def webhook_secret(self, path: str, body: Json, key: str) -> EndpointSecretAnswer:
        """Add an endpoint, or rotate one's secret, once for a key."""
        answer = await self._site.call("POST", f"{_WEBHOOKS}{path}", body, {"Idempotency-Key": key})
        return _read(TypeAdapter(EndpointSecretAnswer), answer)

    async def change_webhook(self, method: str, path: str, body: Json | None, key: str) -> None:
        """Do something about an endpoint or its deliveries, once for a key."""
        await self._site.call(method, f"{_WEBHOOKS}{path}", body, {"Idempotency-Key": key})

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
        RetryingClient(base_url=provider_url, timeout=TIMEOUT, trust_env=False) as provider,
    ):
        yield api, Provider(Site(provider))


@asynccontextmanager
async def open_api(settings: Settings, subject: str, connections: int = 16) -> AsyncIterator[Api]:
    """The API of the system that runs, as an operator of this name. Raises `BadUsage` where none does."""
    stamina.instrumentation.set_on_retry_hooks([])  # what is tried again is told once it has failed for good
    auth = BearerToken(lambda: issue_recorded(settings, "operator", subject, subject))
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with RetryingClient(
        base_url=api_address(settings), auth=auth, timeout=TIMEOUT, limits=limits, trust_env=False
    ) as api:
        await api.require_answer("/health/live")
        yield Api(Site(api, "/api/v1"))


def api_address(settings: Settings) -> str:
    """Where the API of the system that runs is; where the settings have it while none runs."""
    default = f"http://{settings.api_host}:{settings.api_port}"
    return str(read_run_file(settings.run_file).get("api_url", default))


def _maintenance(work: str, read_model: str) -> str:
    return f"/ops/projections/{quote(read_model, safe='')}/{work}"


def _read(of: TypeAdapter[Result], answer: httpx2.Response) -> Result:
    try:
        return of.validate_json(answer.content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise CommerceError(
            f"{answer.request.url} gave an answer we do not understand: {place}: {first['msg']}"
        ) from None
