"""`commerce keys`: the API keys of services: list, issue, rotate and revoke them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from commerce.cli.client.answers import ApiKeyAnswer, IssuedKeyAnswer
from commerce.cli.client.api import Api, Json, open_api
from commerce.cli.client.typed import typed_key, typed_name
from commerce.runtime.settings import load_settings
from commerce.values.errors import BadUsage
from commerce.values.ids import read_id

Result = TypeVar("Result")

KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="Which key, as `commerce keys list` names it.")]
By = Annotated[str | None, typer.Option(help="Who does it; your login where it is left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="A JSON document on each line.")]
ExpiresAt = Annotated[
    str | None, typer.Option(help="When the new key ends, such as 2027-02-01; in 90 days where it is left out.")
]
RequestKey = Annotated[
    str | None, typer.Option("--key", help="The idempotency key: with the same one the same API key is answered.")
]


def list_api_keys(
    service: Annotated[str | None, typer.Option(help="Only this service's.")] = None,
    *,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """List API keys, those issued last first: whose, what for, until when, and when they were used last."""
    found = _as(typed_name(by), lambda api: api.api_keys(service))
    if as_json:
        print(*(one.model_dump_json() for one in found), sep="\n", end="\n" if found else "")
    else:
        print(*(line_of_key(one) for one in found) if found else ("no key was issued",), sep="\n")


def issue_api_key(
    service: Annotated[str, typer.Argument(help="Whose key it is, such as warehouse.")],
    scope: Annotated[list[str], typer.Option(help="What it is good for, such as stock:read; give it again for more.")],
    *,
    expires_at: ExpiresAt = None,
    key: RequestKey = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Give a service an API key, and print it; it is shown this once."""
    body: Json = {"service": service, "scopes": scope, **_given(expires_at=expires_at)}
    _tell(_as(typed_name(by), lambda api: api.issue_key("/auth/keys", body, typed_key(key))), as_json=as_json)


def rotate_api_key(
    key_id: KeyId,
    *,
    ends_at: Annotated[
        str | None, typer.Option(help="When the present key ends; in 24 hours where it is left out.")
    ] = None,
    expires_at: ExpiresAt = None,
    key: RequestKey = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Give a service another API key with the same scopes, and print it. Both are good until the present one ends."""
    path, body = f"/auth/keys/{_typed_id(key_id)}/rotation", _given(ends_at=ends_at, expires_at=expires_at)
    _tell(_as(typed_name(by), lambda api: api.issue_key(path, body, typed_key(key))), as_json=as_json)


def revoke_api_key(key_id: KeyId, *, by: By = None) -> None:
    """Revoke an API key: no process accepts it two seconds from now."""
    id_ = _typed_id(key_id)
    _as(typed_name(by), lambda api: api.revoke_key(id_))
    print("revoked")


def _as(who: str, act: Callable[[Api], Awaitable[Result]]) -> Result:
    async def acted() -> Result:
        async with open_api(load_settings(), who) as api:
            return await act(api)

    return asyncio.run(acted())


def _given(**fields: str | None) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _typed_id(text: str) -> UUID:
    found = read_id(text)
    if found is None:
        raise BadUsage(f"{text!r} is no KEY_ID; `commerce keys list` names them")
    return found


def _tell(issued: IssuedKeyAnswer, *, as_json: bool) -> None:
    """Print the key alone on stdout, so that it can be put where it belongs, and what there is to know on stderr."""
    print(issued.model_dump_json() if as_json else issued.key)
    beside = f"; {issued.replaces} is good until {issued.replaced_ends_at}" if issued.replaces else ""
    print(f"key {issued.key_id} of {issued.service}, good until {issued.expires_at}{beside}", file=sys.stderr)


def line_of_key(key: ApiKeyAnswer) -> str:
    """A key on a line."""
    used = f"used {key.last_used_at}" if key.last_used_at else "never used"
    until = key.ends_at if key.ends_at and key.status == "replaced" else key.expires_at
    what = f"{key.service}: {', '.join(key.scopes)}"
    return f"{key.key_id}  {key.beginning}…  {key.status:<8}  until {until}  {used}  {what}"
