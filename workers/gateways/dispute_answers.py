"""What the providers say of disputes, read strictly: None where one cannot be read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import cast, get_args

from commerce.payments.disputes import MOST_DISPUTES, Dispute
from commerce.values.dispute import DisputeOutcome, DisputeStatus
from commerce.values.money import Money
from workers.gateways.party_text import code, usable
from workers.gateways.stripe_amounts import money_of

_NAMED = "unknown"
"""The reason where a provider gives none that is one word."""

_STRIPE_OUTCOMES: Mapping[object, DisputeOutcome] = {"won": "won", "lost": "lost", "warning_closed": "withdrawn"}
"""Stripe's word for how a dispute ended; with any other it is open, so that somebody looks."""


def disputes_of(said: object, amounts: Sequence[Money | None]) -> tuple[Dispute, ...] | None:
    """What our protocol says of the disputes of an authorisation; `amounts` are those of each."""
    if not isinstance(said, list) or len(said) > MOST_DISPUTES:
        return None
    read = [_dispute(one, amount) for one, amount in zip(said, amounts, strict=True)]
    found = tuple(one for one in read if one is not None)
    return found if len(found) == len(read) else None


def _dispute(said: object, amount: Money | None) -> Dispute | None:
    if not isinstance(said, Mapping):
        return None
    id_, status, named = usable(said.get("dispute_id")), said.get("status"), said.get("answer_by")
    answer_by = None if named is None else _time(named)
    is_read = answer_by is not None or named is None
    if id_ is None or amount is None or not is_read or status not in ("open", *get_args(DisputeOutcome)):
        return None
    return Dispute(id_, cast(DisputeStatus, status), amount, code(said.get("reason"), _NAMED), answer_by)


def _time(said: object) -> datetime | None:
    try:
        read = datetime.fromisoformat(said) if isinstance(said, str) else None
        return read.astimezone(UTC) if read is not None and read.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def stripe_dispute(said: Mapping[str, object]) -> Dispute | None:
    """A dispute of Stripe's; while it only inquires, too."""
    id_, amount = usable(said.get("id")), money_of(said.get("amount"), said.get("currency"))
    details = said.get("evidence_details")
    due_by = details.get("due_by") if isinstance(details, Mapping) else None
    if id_ is None or amount is None:
        return None
    status: DisputeStatus = _STRIPE_OUTCOMES.get(said.get("status"), "open")
    return Dispute(id_, status, amount, code(said.get("reason"), _NAMED), _stripe_time(due_by))


def _stripe_time(due_by: object) -> datetime | None:
    """None for 0, too, by which Stripe says that no answer is taken."""
    if type(due_by) is not int or due_by <= 0:
        return None
    try:
        return datetime.fromtimestamp(due_by, UTC)
    except (ValueError, OverflowError, OSError):
        return None
