"""What is sent and shown about the erasure of people's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict
from pydantic.config import JsonDict

from api.schemas.fields import Body
from commerce.customers.erasure import Erasure, ErasureStatus
from commerce.customers.erasure_commands import RecordedErasure
from commerce.customers.erasure_events import ErasureCompleted, ErasureGround, KeysDestroyed, PersonKind

_ID = "5a1d3c0e-2b7f-4c46-9a55-6c1e0f7a9d02"
EXAMPLE_ACCEPTED_ERASURE: JsonDict = {
    "person_id": _ID,
    "status": "requested",
    "ground": "consent_withdrawn",
    "requested_at": "2026-11-23T14:00:00.000000Z",
    "position": 4711,
}
EXAMPLE_OPEN_ERASURE: JsonDict = {
    "person_id": _ID,
    "kind": "customer",
    "status": "requested",
    "ground": "consent_withdrawn",
    "requested_by": f"customer:{_ID}",
    "requested_at": "2026-11-23T14:00:00.000000Z",
    "destroyed_at": None,
    "completed_at": None,
    "age_s": 420,
}
EXAMPLE_ERASURE: JsonDict = {
    "person_id": _ID,
    "kind": "customer",
    "status": "completed",
    "ground": "consent_withdrawn",
    "requested_by": f"customer:{_ID}",
    "requested_at": "2026-11-23T14:00:00.000000Z",
    "erased_at": "2026-11-24T09:30:00.000000Z",
    "completed_at": "2026-11-24T09:30:00.120000Z",
    "certificate": {"position": 4790, "keys": [_ID], "orders": 3, "address_released": True},
}


class EraseData(Body):
    """Why personal data is to be erased."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ground": "consent_withdrawn"}]})

    ground: ErasureGround = "consent_withdrawn"
    """One of the grounds of article 17 (1) of the General Data Protection Regulation."""


@dataclass(frozen=True, slots=True)
class ErasureAccepted:
    """The data will be erased as soon as the person's orders have ended."""

    person_id: UUID
    """The customer, or the order of a guest."""
    status: Literal["requested"]
    """Always `requested`; the address in `Location` shows how far it is."""
    ground: ErasureGround
    """Why, as it was requested first."""
    requested_at: datetime
    """When it was requested first."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was erased, as an event in the log says for good."""

    position: int
    """The place in the log."""
    keys: Sequence[UUID]
    """Whose keys were destroyed: the person's, and those of single orders of theirs that had one."""
    orders: int
    """Of how many orders the data is erased."""
    address_released: bool
    """Whether there was an e-mail address that somebody else may register with now."""


@dataclass(frozen=True, slots=True)
class ErasureView:
    """How far the erasure of a person's data is."""

    person_id: UUID
    """The customer, or the order of a guest."""
    kind: PersonKind
    """Which of both."""
    status: ErasureStatus
    """`requested`: orders have not ended; `keys_destroyed`: nobody can read the data any more, and mails are being
    removed; `completed`."""
    ground: ErasureGround
    """Why."""
    requested_by: str
    """Who wanted it: role and subject."""
    requested_at: datetime
    """When."""
    erased_at: datetime | None
    """Since when nobody can read the data; null as long as orders have not ended."""
    completed_at: datetime | None
    """When all was done; null until then."""
    certificate: Certificate | None
    """What was erased; null until all was done."""


@dataclass(frozen=True, slots=True)
class ListedErasure:
    """An erasure in the list."""

    person_id: UUID
    """The customer, or the order of a guest."""
    kind: PersonKind
    """Which of both."""
    status: ErasureStatus
    """How far it is."""
    ground: ErasureGround
    """Why."""
    requested_by: str
    """Who wanted it."""
    requested_at: datetime
    """When."""
    destroyed_at: datetime | None
    """Since when nobody can read the data."""
    completed_at: datetime | None
    """When all was done."""
    age_s: int
    """Seconds since it was requested, or that it took."""


def erasure_view(known: RecordedErasure) -> ErasureView:
    """An erasure, from its own events."""
    erasure: Erasure = known.erasure
    destroyed = [one for one in known.history if isinstance(one.event, KeysDestroyed)]
    done = [one for one in known.history if isinstance(one.event, ErasureCompleted)]
    is_complete = erasure.status is ErasureStatus.COMPLETED
    certificate = (
        Certificate(done[-1].position, erasure.keys, erasure.orders or 0, erasure.address_released)
        if is_complete
        else None
    )
    return ErasureView(
        person_id=erasure.person_id,
        kind=erasure.kind,
        status=erasure.status,
        ground=erasure.ground,
        requested_by=known.requested_by,
        requested_at=known.request.recorded_at,
        erased_at=destroyed[0].recorded_at if destroyed else None,
        completed_at=done[-1].recorded_at if is_complete else None,
        certificate=certificate,
    )
