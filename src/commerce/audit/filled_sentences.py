"""Fills the sentences that events carry (`SENTENCE`, where each event is declared) with what an event says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from commerce.audit.events import PersonalDataRead
from commerce.eventstore import Event
from commerce.ordering import events as ordering
from commerce.ordering.number import number_of
from commerce.payments import events as payments
from commerce.saga.case_events import CaseAssigned, CaseResolved
from commerce.saga.events import ProcessCompensated, UnclaimedMoneyFound
from commerce.saga.intervention_events import Intervened
from commerce.saga.interventions import told_intervention
from commerce.saga.step_events import StepFailed
from commerce.values.text import cleaned

_LONGEST_CHARACTERS = 4_000
"""Characters of a sentence."""

_SHOWN_ITEMS = 5
"""Values of a list that are told; the rest is counted."""


def filled_sentence(event: Event, actor: str, position: int | None = None) -> str:
    """An event as a sentence; `actor` is who did it, as the log says, and `position` where it stands, if it does.

    Total over all events that a log can hold.
    """
    return fill(event.SENTENCE, event, _told_actor(actor), {**_implied(event, actor), **numbered(event, position)})


def numbered(event: Event, position: int | None) -> dict[str, str]:
    """The order that an event begins, by the number that it has from its position."""
    if not isinstance(event, ordering.OrderPlaced):
        return {}
    return {"order": "an order" if position is None else f"order {number_of(position)}"}


def fill(words: str, event: Event, who: str, implied: Mapping[str, str] = MappingProxyType({})) -> str:
    """Words with what an event says, and what it implies, in the place of its fields' names: one line, whatever
    older logs hold."""
    said = {name: _said(value) for name, value in event if not isinstance(value, int)}
    counted = {name: value for name, value in event if isinstance(value, int)}
    return cleaned(words.format_map({**said, **counted, "who": who, **implied}), _LONGEST_CHARACTERS)


def _told_actor(actor: str) -> str:
    """Who did something, in plain words."""
    role, _, subject = actor.partition(":")
    return "the process manager" if actor == "service:saga" else f"{role} {subject}"


def _implied(event: Event, actor: str) -> dict[str, str]:  # noqa: PLR0911, PLR0912 (a case for each event)
    """What an event says by leaving something out."""
    match event:
        case ordering.OrderPlaced(customer_id=customer):
            buyer = "a guest" if customer is None else f"customer {customer}"
            return {"buyer": "themselves" if actor == f"customer:{customer}" else buyer}
        case StepFailed(outcome_known=known):
            return {"unless_known": "" if known else "; whether it was done is not known"}
        case ProcessCompensated(outcome=outcome, reason=reason):
            return {"ending": outcome if reason == outcome else f"{outcome} ({reason})"}
        case payments.PaymentDisputed(answer_by=by) | ordering.OrderDisputed(answer_by=by):
            return {"until": "" if by is None else f"; answer by {_said(by)}"}
        case UnclaimedMoneyFound(amount=amount):
            return {"unclaimed": "a payment" if amount is None else str(amount)}
        case CaseAssigned(owner=owner):
            return {"assigned": owner or "nobody"}
        case CaseResolved(resolution=resolution, reference=reference):
            under = f", reference {reference}" if reference else ""
            return {"resolution_told": f"{resolution.replace('_', ' ')}{under}"}
        case Intervened(action=action, requests=requests):
            return {"intervention": told_intervention(action, requests)}
        case payments.PaymentAttemptRequested(payment_method=method):
            asks = f"asks to pay with {method} instead" if method else "asks what became of the payment"
            return {"asks": asks}
        case payments.PaymentAuthorized(held_until=until):
            return {"until": f"; it holds it until {_said(until)}" if until else ""}
        case payments.PaymentRefundRequested(lines=lines):
            return {"for_lines": f" for {_listed(lines)}" if lines else ""}
        case PersonalDataRead(orders=orders, customers=customers):
            parts = [_counted(things, kind) for things, kind in ((orders, "order"), (customers, "customer")) if things]
            return {"looked_at": " and ".join(parts) or "nothing"}
        case _:
            return {}


def _counted(things: Sequence[object], kind: str) -> str:
    return f"{kind} {things[0]}" if len(things) == 1 else f"{len(things)} {kind}s"


def _said(value: object) -> str:
    match value:
        case tuple():
            return _listed(value)
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        case _:
            return str(value)


def _listed(values: Sequence[object]) -> str:
    told = [_said(value) for value in values[:_SHOWN_ITEMS]]
    more = len(values) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")
