"""What a payment provider sends word of, and what it is answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue, StringConstraints, TypeAdapter, ValidationError

from api.schemas.fields import Body
from commerce.payments.webhook import WebhookMessage
from commerce.values.ids import read_id

Provider = Literal["http", "stripe"]

_Id = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
_ID: TypeAdapter[str] = TypeAdapter(_Id)
_LATEST_TIME_S = 253_402_300_799
"""9999-12-31T23:59:59Z, from 1970 on."""


class ProviderMessage(Body):
    """Word of a payment provider, as Stripe and our own protocol have it; other fields are not looked at."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "id": "evt_81",
                    "type": "captured",
                    "created": 1795947305,
                    "data": {"authorization_id": "auth_81", "order_id": "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"},
                }
            ]
        },
    )

    id: _Id
    """The provider's own id of the message: the same however often it is sent."""
    type: _Id
    """What happened, in the provider's word."""
    created: int = Field(ge=0, le=_LATEST_TIME_S)
    """When it happened, in seconds since 1970."""
    data: dict[str, JsonValue]
    """What it is about: `authorization_id` and, if known, `order_id`; from Stripe, its `object`."""


class WebhookReceipt(Body):
    """What became of a message."""

    event_id: str
    """The provider's id of the message."""
    status: Literal["received", "repeated", "ignored"]
    """`received`: it is on record. `repeated`: it was before. `ignored`: it is about no payment, and not recorded."""


def message_of(provider: Provider, told: ProviderMessage) -> WebhookMessage | None:
    """What is read of a message; None where it is about no payment."""
    id_, order_id = (_of_stripe if provider == "stripe" else _of_ours)(told.data)
    if id_ is None:
        return None
    sent_at = datetime.fromtimestamp(told.created, UTC)
    return WebhookMessage(provider, told.id, told.type, id_, order_id, sent_at)


def _of_ours(data: dict[str, JsonValue]) -> tuple[str | None, UUID | None]:
    return _usable(data.get("authorization_id")), _order(data.get("order_id"))


def _of_stripe(data: dict[str, JsonValue]) -> tuple[str | None, UUID | None]:
    """Of an intent its own id; of a charge, a refund, a dispute that of the intent."""
    found = data.get("object")
    if not isinstance(found, dict):
        return None, None
    metadata = found.get("metadata")
    order_id = metadata.get("order_id") if isinstance(metadata, dict) else None
    return _usable(found.get("id" if found.get("object") == "payment_intent" else "payment_intent")), _order(order_id)


def _usable(named: JsonValue) -> str | None:
    try:
        return _ID.validate_python(named, strict=True)
    except ValidationError:
        return None


def _order(named: JsonValue) -> UUID | None:
    return read_id(named) if isinstance(named, str) else None
