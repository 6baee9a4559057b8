"""What an event says by leaving something out, or by a code, and who did it, in words."""

from __future__ import annotations

from collections.abc import Sequence

from commerce.audit.coded_words import told_resolution
from commerce.audit.events import PersonalDataRead
from commerce.audit.languages import ENGLISH, ToldLanguage
from commerce.audit.told_values import told_list, told_value
from commerce.eventstore import Event
from commerce.ordering import events as ordering
from commerce.payments import events as payments
from commerce.saga.case_events import CaseAssigned, CaseResolved
from commerce.saga.definitions import told_request
from commerce.saga.events import ProcessCompensated, UnclaimedMoneyFound
from commerce.saga.intervention_events import Intervened, Intervention
from commerce.saga.step_definition import Occurrence
from commerce.saga.step_events import StepFailed


def told_actor(actor: str, language: ToldLanguage = ENGLISH) -> str:
    """Who did something, in plain words."""
    role, _, subject = actor.partition(":")
    return language.text("the process manager") if actor == "service:saga" else f"{language.word(role)} {subject}"


def implied(event: Event, actor: str, language: ToldLanguage) -> dict[str, str]:  # noqa: PLR0911, PLR0912 (a case for each)
    """What an event implies, by the names that its sentence has for it."""
    text, word = language.text, language.word
    match event:
        case ordering.OrderPlaced(customer_id=customer):
            buyer = text("a guest") if customer is None else text("customer {id}").format(id=customer)
            return {"buyer": text("themselves") if actor == f"customer:{customer}" else buyer}
        case StepFailed(outcome_known=known):
            return {"unless_known": "" if known else text("; whether it was done is not known")}
        case ProcessCompensated(outcome=outcome, reason=reason):
            return {"ending": word(outcome) if reason == outcome else f"{word(outcome)} ({word(reason)})"}
        case payments.PaymentDisputed(answer_by=by) | ordering.OrderDisputed(answer_by=by):
            return {"until": text("; answer by {time}").format(time=told_value(by, language)) if by else ""}
        case UnclaimedMoneyFound(amount=amount):
            return {"unclaimed": text("a payment") if amount is None else str(amount)}
        case CaseAssigned(owner=owner):
            return {"assigned": owner or text("nobody")}
        case CaseResolved(resolution=resolution, reference=reference):
            under = text(", reference {reference}").format(reference=reference) if reference else ""
            return {"resolution_told": f"{word(told_resolution(resolution))}{under}"}
        case Intervened(action=action, requests=requests):
            return {"intervention": told_intervention(action, requests, language)}
        case payments.PaymentAttemptRequested(payment_method=method):
            instead = text("asks to pay with {payment_method} instead").format(payment_method=method)
            return {"asks": instead if method else text("asks what became of the payment")}
        case payments.PaymentAuthorized(held_until=until):
            held = text("; it holds it until {time}").format(time=told_value(until, language))
            return {"until": held if until else ""}
        case payments.PaymentRefundRequested(lines=lines):
            return {"for_lines": text(" for {lines}").format(lines=told_list(lines, language)) if lines else ""}
        case PersonalDataRead(orders=orders, customers=customers):
            return {"looked_at": _looked_at(orders, customers, language)}
        case _:
            return {}


def told_intervention(action: Intervention, requests: Sequence[str], language: ToldLanguage = ENGLISH) -> str:
    """An intervention as the timeline tells it."""
    if action == "compensate":
        return language.text("to give the order up and undo what was done")
    awaited = _joined([language.text(told_request(Occurrence(one))) for one in requests], language)
    if action == "retry":
        return language.text("to ask once more for {awaited}").format(awaited=awaited)
    return language.text("to go on without an answer to the request for {awaited}").format(awaited=awaited)


def _looked_at(orders: Sequence[object], customers: Sequence[object], language: ToldLanguage) -> str:
    text = language.text
    of_orders = text("order {id}").format(id=orders[0]) if len(orders) == 1 else ""
    of_customers = text("customer {id}").format(id=customers[0]) if len(customers) == 1 else ""
    parts = [
        of_orders or (text("{count} orders").format(count=len(orders)) if orders else ""),
        of_customers or (text("{count} customers").format(count=len(customers)) if customers else ""),
    ]
    return _joined([part for part in parts if part], language) or text("nothing")


def _joined(parts: Sequence[str], language: ToldLanguage) -> str:
    return language.text(" and ").join(parts)
