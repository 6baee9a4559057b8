"""The API keys of services as clients ask for them and see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.fields import Body, Owner
from api.schemas.parameters import Until
from commerce.runtime.scopes import ServiceScope
from projections.api_keys import ApiKeyRow

_MOST_SCOPES = 20

Scopes = Annotated[list[ServiceScope], Field(min_length=1, max_length=_MOST_SCOPES)]

_KEY_ID, _NEXT_ID = "5d0e7b1c-2f64-5c1b-8a38-90c4a7f0c3d2", "c0a1f8de-7f52-5d3e-9c52-6f0b7e2d4a11"
_KEY = "cmk_7Hq2ZtBv0yXcN4sLw9RkEaJ6mUoT3gPfD1iQhVxSbYn0nuS16"
_ABOUT: JsonDict = {
    "key_id": _KEY_ID,
    "service": "warehouse",
    "scopes": ["stock:read", "stock:write"],
    "beginning": _KEY[:8],
    "expires_at": "2027-02-21T00:00:00Z",
}
EXAMPLE_ISSUED: JsonDict = {**_ABOUT, "replaces": None, "replaced_ends_at": None, "key": _KEY, "position": 4711}
EXAMPLE_ROTATED: JsonDict = {
    **EXAMPLE_ISSUED,
    "key_id": _NEXT_ID,
    "replaces": _KEY_ID,
    "replaced_ends_at": "2026-11-24T14:05:00Z",
}
EXAMPLE_REVOKED: JsonDict = {"key_id": _KEY_ID, "status": "revoked", "position": 4712}
EXAMPLE_KEY: JsonDict = {
    **_ABOUT,
    "status": "active",
    "issued_by": "operator:anna",
    "issued_at": "2026-11-23T14:05:00.500000Z",
    "replaces": None,
    "replaced_by": None,
    "ends_at": None,
    "revoked_at": None,
    "last_used_at": "2026-11-23T15:00:00.250000Z",
}


def _examples(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": list(examples)})


class IssueKey(Body):
    """A key that a service is to have."""

    model_config = _examples({"service": "warehouse", "scopes": ["stock:read", "stock:write"]})

    service: Owner
    """Whose key it is; what is done with it is on record as done by `service:` and this name."""
    scopes: Scopes
    """What it is good for; name no more than the service needs."""
    expires_at: Until | None = None
    """When it ends, at most 366 days from now; in 90 days where it is left out."""


class RotateKey(Body):
    """The key that takes another one's place."""

    model_config = _examples({"ends_at": None})

    ends_at: Until | None = None
    """When the key that is replaced ends; in 24 hours, or when its time is over, where it is left out."""
    expires_at: Until | None = None
    """When the new one ends, at most 366 days from now; in 90 days where it is left out."""


class ApiKeyStatus(StrEnum):
    """Where a key stands."""

    ACTIVE = "active"
    REPLACED = "replaced"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class KeyIssued:
    """A new key; it is shown in this answer alone."""

    key_id: UUID
    """The key is listed and revoked under this id."""
    service: str
    """Whose key it is."""
    scopes: list[ServiceScope]
    """What it is good for."""
    beginning: str
    """How it begins, by which it is told apart."""
    expires_at: datetime
    """When it ends."""
    replaces: UUID | None
    """The key in whose place it is; null for a first one."""
    replaced_ends_at: datetime | None
    """Until when that one is accepted, too."""
    key: str
    """The key itself, for `Authorization: Bearer …`. Keep it where the service's secrets are; we do not keep it."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    """A key that is not accepted any more: at once here, and within two seconds by every other process."""

    key_id: UUID
    """The key."""
    status: ApiKeyStatus
    """`revoked`."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """A key of a service, without the key itself."""

    key_id: UUID
    """It is revoked and rotated under this id."""
    service: str
    """Whose key it is."""
    scopes: list[str]
    """What it is good for."""
    beginning: str
    """How the key begins, by which it is told apart."""
    status: ApiKeyStatus
    """`active`; `replaced`: accepted until `ends_at`; `expired` or `revoked`: accepted no more."""
    issued_by: str
    """Who issued it: role and subject."""
    issued_at: datetime
    """When it was issued."""
    expires_at: datetime
    """When it ends, if not before."""
    replaces: UUID | None
    """The key in whose place it was issued; null for a first one."""
    replaced_by: UUID | None
    """The key that was issued in its place; null without one."""
    ends_at: datetime | None
    """When it ends because another one has its place; null without one."""
    revoked_at: datetime | None
    """When it was revoked; null where it was not."""
    last_used_at: datetime | None
    """When it was used last, to within a minute; null where it never was."""


def key_view(row: ApiKeyRow, last_used_at: datetime | None, now: datetime) -> ApiKeyView:
    """A key as it is shown at a time."""
    return ApiKeyView(
        key_id=row.key_id,
        service=row.service,
        scopes=row.scopes,
        beginning=row.beginning,
        status=_status(row, now),
        issued_by=row.issued_by,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        replaces=row.replaces,
        replaced_by=row.successor,
        ends_at=row.ends_at,
        revoked_at=row.revoked_at,
        last_used_at=last_used_at,
    )


def _status(row: ApiKeyRow, now: datetime) -> ApiKeyStatus:
    if row.revoked_at is not None:
        return ApiKeyStatus.REVOKED
    if now >= (row.expires_at if row.ends_at is None else min(row.expires_at, row.ends_at)):
        return ApiKeyStatus.EXPIRED
    return ApiKeyStatus.ACTIVE if row.successor is None else ApiKeyStatus.REPLACED
