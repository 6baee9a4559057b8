"""The replacement of a forgotten password: a stream for each e-mail address, whether it is a customer's or nobody's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from uuid import UUID

from commerce.credentials.mail_tokens import MailRequest, MailTokenNotAccepted
from commerce.customers.events import PasswordReset, PasswordResetEvent, PasswordResetRequested
from commerce.eventstore import Aggregate, Event


@dataclass(frozen=True, slots=True)
class PasswordResets(Aggregate):
    """The last mail that was asked for with an e-mail address."""

    customer_id: UUID | None
    last: MailRequest
    is_used: bool = False


def evolve(resets: PasswordResets | None, event: Event) -> PasswordResets | None:
    """Apply one event."""
    match event:
        case PasswordResetRequested():
            request = MailRequest(event.request_id, event.expires_at)
            return PasswordResets(event.originator_id, event.originator_version, event.customer_id, request)
        case PasswordReset() if resets is not None:
            return replace(resets, version=event.originator_version, is_used=True)
    return resets and replace(resets, version=event.originator_version)


def fold(events: Iterable[Event]) -> PasswordResets | None:
    """What these events leave."""
    return reduce(evolve, events, None)


def request(resets: PasswordResets | None, customer_id: UUID | None, wanted: MailRequest) -> list[PasswordResetEvent]:
    """Ask for a mail; one of a moment ago will do, unless it was used."""
    if resets is not None and not resets.is_used and wanted.comes_soon_after(resets.last):
        return []
    return [PasswordResetRequested(customer_id=customer_id, request_id=wanted.request_id, expires_at=wanted.expires_at)]


def use(resets: PasswordResets | None, request_id: UUID, now: datetime) -> list[PasswordResetEvent]:
    """Replace the password by the token of the last mail. Raises `MailTokenNotAccepted`."""
    if resets is None or resets.is_used or resets.customer_id is None or not resets.last.is_open(request_id, now):
        raise MailTokenNotAccepted
    return [PasswordReset(request_id=request_id)]
