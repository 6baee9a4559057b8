"""`commerce webhooks`: the endpoints of other systems, what is delivered to them, and replays."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID, uuid4

import typer

from commerce.cli.client.answers import ApiAnswer, DeliveryAnswer, EndpointAnswer, EndpointSecretAnswer
from commerce.cli.client.api import Api, Json, open_api
from commerce.cli.client.typed import typed_key, typed_name
from commerce.runtime.settings import load_settings
from commerce.values.errors import BadUsage
from commerce.values.ids import read_id

Result = TypeVar("Result")

EndpointId = Annotated[
    str, typer.Argument(metavar="ENDPOINT_ID", help="Which endpoint, as `commerce webhooks list` names it.")
]
By = Annotated[str | None, typer.Option(help="Who does it; your login where it is left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="A JSON document on each line.")]
EventTypes = Annotated[
    list[str] | None,
    typer.Option("--event-type", help="What it is told, such as ordering.OrderShipped; everything without."),
]
RequestKey = Annotated[
    str | None, typer.Option("--key", help="The idempotency key: with the same one it is done once.")
]


class Delivered(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


def show_endpoints(*, by: By = None, as_json: AsJson = False) -> None:
    """List endpoints, those added last first: where they are, what they are told, and whether they are enabled."""
    _print(_as(by, lambda api: api.webhook_endpoints()), line_of_endpoint, as_json=as_json, none="there is no endpoint")


def add_endpoint_at(
    url: Annotated[str, typer.Argument(help="Where its receiver is: an https address of the public Internet.")],
    *,
    event_type: EventTypes = None,
    notice_to: Annotated[str | None, typer.Option(help="Who gets a mail when it is disabled.")] = None,
    key: RequestKey = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Add an endpoint, and print the secret that its receiver checks signatures with; it is shown this once."""
    body: Json = {"url": url, "event_types": event_type or [], "notice_to": notice_to}
    _tell_secret(_as(by, lambda api: api.webhook_secret("", body, typed_key(key))), as_json=as_json)


def replace_endpoint_secret(
    endpoint_id: EndpointId, *, key: RequestKey = None, by: By = None, as_json: AsJson = False
) -> None:
    """Give an endpoint another secret, and print it; for a day deliveries are signed with both."""
    path = f"/{_typed_id(endpoint_id)}/rotation"
    _tell_secret(_as(by, lambda api: api.webhook_secret(path, {}, typed_key(key))), as_json=as_json)


def switch_endpoint_on(endpoint_id: EndpointId, *, by: By = None) -> None:
    """Enable an endpoint that was disabled: all that waited is delivered."""
    _change(endpoint_id, by, "PATCH", {"enabled": True})
    print("enabled")


def switch_endpoint_off(endpoint_id: EndpointId, *, by: By = None) -> None:
    """Deliver nothing to an endpoint until it is enabled again; what happens meanwhile waits in the log."""
    _change(endpoint_id, by, "PATCH", {"enabled": False})
    print("disabled")


def take_endpoint_away(endpoint_id: EndpointId, *, by: By = None) -> None:
    """Tell an endpoint nothing any more; what waits for it is forgotten."""
    _change(endpoint_id, by, "DELETE")
    print("removed")


def show_deliveries(
    endpoint_id: EndpointId,
    *,
    status: Annotated[Delivered | None, typer.Option(help="Only those of this status.")] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """List what is delivered to an endpoint, the newest event first, and what the last attempt came to."""
    id_ = _typed_id(endpoint_id)
    found = _as(by, lambda api: api.webhook_deliveries(id_, status))
    _print(found, line_of_delivery, as_json=as_json, none="nothing is listed")


def replay_to_endpoint(
    endpoint_id: EndpointId,
    *,
    position: Annotated[int | None, typer.Option(min=1, help="Only the event at this position.")] = None,
    since: Annotated[str | None, typer.Option(help="All since a time, such as 2027-02-01T14:00:00Z, or a day.")] = None,
    key: RequestKey = None,
    by: By = None,
) -> None:
    """Deliver one event once more, or all since a time, out of the log."""
    if (position is None) == (since is None):
        raise BadUsage("say either --position, for one event, or --since, for all since a time")
    id_, body = _typed_id(endpoint_id), {} if since is None else {"since": since}
    path = f"/{id_}/replay" if position is None else f"/{id_}/deliveries/{position}/replay"
    _as(by, lambda api: api.change_webhook("POST", path, body or None, typed_key(key)))
    print("it is delivered once more; `commerce webhooks deliveries` shows what comes of it")


def _change(endpoint_id: str, by: str | None, method: str, body: Json | None = None) -> None:
    id_ = _typed_id(endpoint_id)
    _as(by, lambda api: api.change_webhook(method, f"/{id_}", body, str(uuid4())))


def _as(by: str | None, act: Callable[[Api], Awaitable[Result]]) -> Result:
    who = typed_name(by)

    async def acted() -> Result:
        async with open_api(load_settings(), who) as api:
            return await act(api)

    return asyncio.run(acted())


def _typed_id(text: str) -> UUID:
    found = read_id(text)
    if found is None:
        raise BadUsage(f"{text!r} is no ENDPOINT_ID; `commerce webhooks list` names them")
    return found


Listed = TypeVar("Listed", bound=ApiAnswer)


def _print(found: Iterable[Listed], line_of: Callable[[Listed], str], *, as_json: bool, none: str) -> None:
    lines = [one.model_dump_json() if as_json else line_of(one) for one in found]
    for line in lines or ([] if as_json else [none]):
        print(line)


def _tell_secret(told: EndpointSecretAnswer, *, as_json: bool) -> None:
    """Print the secret alone on stdout, so that it can be put where it belongs, and what there is to know on stderr."""
    print(told.model_dump_json() if as_json else told.secret)
    both = f"; the former one signs, too, until {told.previous_until}" if told.previous_until else ""
    print(f"endpoint {told.endpoint_id}{both}", file=sys.stderr)


def line_of_endpoint(endpoint: EndpointAnswer) -> str:
    """An endpoint on a line."""
    why = f" ({endpoint.disabled_reason})" if endpoint.disabled_reason else ""
    return f"{endpoint.endpoint_id}  {endpoint.status}{why}  {endpoint.url}  {', '.join(endpoint.event_types) or 'all'}"


def line_of_delivery(delivery: DeliveryAnswer) -> str:
    """A delivery on a line."""
    last = delivery.attempts[-1] if delivery.attempts else None
    came_to = "not tried yet" if last is None else last.problem or f"answered {last.status}"
    again = f", again at {delivery.next_attempt_at}" if delivery.next_attempt_at else ""
    told = f"{delivery.event_type} of {delivery.subject}"
    return f"{delivery.position:>8}  {delivery.status:<9}  {told}: {came_to}, failed {delivery.failures} times{again}"
