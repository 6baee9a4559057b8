"""Another attempt at a payment, as clients ask for it and as it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pydantic import ConfigDict
from pydantic.config import JsonDict

from api.openapi.headers import IN_PATHS
from api.schemas.fields import Body, Code

EXAMPLE_ATTEMPT_ACCEPTED: JsonDict = {
    "order_id": IN_PATHS["order_id"],
    "payment_method": "pm_card_ok",
    "position": 61,
}


class PaymentAttemptRequest(Body):
    """Another attempt at a payment that waits for its customer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"payment_method": "pm_card_ok"}]})

    payment_method: Code | None = None
    """What is paid with instead; what was tried before is ended first. Without it, as when the customer came back, the
    payment provider is only asked whether they confirmed."""


@dataclass(frozen=True, slots=True)
class PaymentAttemptAccepted:
    """The attempt was recorded; it is made afterwards."""

    order_id: UUID
    """The order."""
    payment_method: str | None
    """What is paid with instead; null where the payment provider is only asked."""
    position: int
    """The place in the log."""
