"""What the API does not do, in plain words: a sentence for each type of problem, and for what is wrong with a field.

The API's own text of a problem has more in it, such as names and amounts, and is in English: it stands beside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from api.pages.api_calls import Document
from api.pages.languages import N_, Language

_OF_API = "en"
"""The language of the API."""

PROBLEM_WORDS: Mapping[str, str] = {
    "not-allowed": N_("Your role does not allow this."),
    "not-found": N_("There is no such thing, or it is not yours to see."),
    "rule-broken": N_("This is not possible as things are now."),
    "stale-version": N_("Somebody else was faster. Look at it again, and try again."),
    "precondition-failed": N_("It was changed since you opened the page. Look at it again."),
    "invalid-input": N_("Some of it cannot be accepted."),
    "malformed-request": N_("This cannot be read."),
    "idempotency-key-reused": N_("This form was sent before with something else in it. Open the page again."),
    "body-too-large": N_("This is too large."),
    "too-many-requests": N_("That is too much at once. Wait a moment."),
    "too-many-logins": N_("Too many logins were refused. Try again later."),
    "credentials-not-accepted": N_("The e-mail address or the password is wrong."),
    "code-not-accepted": N_("The code is not accepted."),
    "second-factor-needed": N_("A code of your authenticator app is needed, too."),
    "refresh-token-not-accepted": N_("Your login is over. Log in again."),
    "invalid-token": N_("Your login is not accepted. Log in again."),
    "not-authenticated": N_("Log in first."),
    "mail-token-not-accepted": N_("The link of the mail is not accepted: it was used, or its time is over."),
    "unavailable": N_("A part of the system does not answer. Try again."),
    "lost": N_("What this page shows is being made again. Try again in a while."),
    "parked-row": N_("What is asked for waits for an event that could not be handled."),
    "party-unavailable": N_("The other side gave no answer: what was asked may have happened or not."),
    "party-down": N_("The other side does not answer now."),
    "postponed": N_("The other side does not do it now. Try again later."),
    "unreadable-event": N_("An event of it cannot be read."),
    "internal": N_("Something is broken here."),
    "missing-key": N_("Personal data cannot be read: its key is missing."),
    "data-erased": N_("The personal data was erased."),
    "already-under-way": N_("This is under way already."),
    "api-key-ended": N_("The key has ended. Issue a new one."),
    "api-key-exists": N_("A key was issued for this form before."),
    "api-key-replaced-before": N_("The key has a successor already; that one can be replaced."),
    "case-not-open": N_("Nothing is open about the order that a person has to decide."),
    "case-still-runs": N_("The process still works on it, so nobody can close it."),
    "customer-not-active": N_("The customer's account is closed."),
    "email-taken": N_("A customer has this e-mail address already."),
    "endpoint-exists": N_("An endpoint was added for this form before."),
    "endpoint-not-enabled": N_("The endpoint is disabled. Enable it first."),
    "too-many-endpoints": N_("There are as many webhook endpoints as there may be."),
    "erasure-under-way": N_("The person's data is erased, or is about to be."),
    "order-of-customer": N_("The order is a customer's: its data is erased with all of theirs."),
    "intervention-rejected": N_("The process cannot do this now."),
    "line-refund-exceeds-order": N_("No more pieces are refunded than were ordered."),
    "refund-exceeds-capture": N_("No more is given back than was taken; what is asked for already counts."),
    "refund-pending": N_("A refund of this order is under way. Wait for its end."),
    "too-many-refunds": N_("The order was refunded in as many parts as it may be."),
    "nothing-captured": N_("Nothing was taken for the order, so nothing can be given back."),
    "no-action-awaited": N_("The payment does not wait for its customer."),
    "too-many-attempts": N_("The payment was tried as often as it may be."),
    "payment-not-open": N_("The payment has gone past this, or has ended."),
    "order-not-open": N_("This comes too late: the order is past that point, or has ended."),
    "order-not-confirmed": N_("Only a confirmed order is shipped."),
    "order-not-shipped": N_("The order has not been shipped."),
    "shipment-not-open": N_("The shipment has gone past this, or has ended."),
    "shipment-not-scheduled": N_("Only a shipment that the carrier will take can leave."),
    "shipment-not-dispatched": N_("Only a shipment that left can arrive."),
    "cancellation-pending": N_("The shipment is being cancelled, so it stays."),
    "out-of-stock": N_("No more is promised than is available."),
    "reserved-stock": N_("Pieces that are reserved for orders cannot be written off."),
    "stocking-fixed": N_("Whether a product is kept in stock is settled when it is added."),
    "product-exists": N_("There is such a product already."),
    "own-staff-account": N_("Nobody changes their own role or closes their own account. Ask another operator."),
    "staff-member-deactivated": N_("The account is closed. Add the person again."),
    "staff-member-exists": N_("A member of staff has this e-mail address already. They can be invited again."),
    "no-factor-requested": N_("No second factor waits to be confirmed. Begin again."),
    "not-signed-yet": N_("The signed head is older than what is to be proved. Wait for the next one."),
    "tree-damaged": N_("The log is not what was signed."),
}
"""By the last part of a problem's type."""

FIELD_WORDS: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"Field required"), N_("This is needed.")),
    (re.compile(r"(?:Value|Input) should be greater than or equal to (?P<limit>\S+)"), N_("At least %(limit)s.")),
    (re.compile(r"(?:Value|Input) should be less than or equal to (?P<limit>\S+)"), N_("At most %(limit)s.")),
    (re.compile(r"Input should be greater than (?P<limit>\S+)"), N_("More than %(limit)s.")),
    (re.compile(r"String should have at least (?P<limit>\d+) characters?"), N_("At least %(limit)s characters.")),
    (re.compile(r"String should have at most (?P<limit>\d+) characters?"), N_("At most %(limit)s characters.")),
    (re.compile(r"Input should be a valid integer.*"), N_("A whole number, such as 3.")),
    (re.compile(r"Input should be a valid string"), N_("A text is needed.")),
    (re.compile(r"Input should be a valid UUID.*"), N_("An id, as addresses have it.")),
    (re.compile(r"Input should be (?P<choices>'.*)"), N_("One of %(choices)s.")),
    (
        re.compile(r"must not contain control characters.*"),
        N_("No line breaks, control characters, or what turns the direction of a line."),
    ),
    (re.compile(r"must be 1 to 64 printable characters without a slash"), N_("1 to 64 characters without a slash.")),
    (re.compile(r"must be one e-mail address.*"), N_("An e-mail address, such as ada@example.org.")),
    (re.compile(r"must be a token as it stands in the mail"), N_("The token as it stands in the mail.")),
    (re.compile(r"must be a telephone number.*"), N_("A telephone number, such as +44 20 7946 0000.")),
    (re.compile(r"must be a decimal in a string.*"), N_("An amount, such as 19.99.")),
)
"""What is said of a value that the API does not take, by the API's own message."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field: its title, or its name where it has none."""

    title: str
    message: str


def problem_words(document: Document, language: Language) -> str:
    """What a problem is, in a sentence of the viewer's language."""
    kind = str(document.get("type", "")).rpartition("/")[2]
    return language.text(PROBLEM_WORDS.get(kind, "")) or str(document.get("title", ""))


def problem_line(document: Document, language: Language) -> str:
    """A problem in one line: in English as the API says it; else in the viewer's language, and of a conflict what the
    API says of this case."""
    words, detail = problem_words(document, language), str(document.get("detail", ""))
    if language.code == _OF_API or not words:
        return detail
    return f"{words} ({detail})" if detail and document.get("status") == HTTPStatus.CONFLICT else words


def field_problems(document: Document, titles: Mapping[str, str], language: Language) -> list[FieldProblem]:
    """What is wrong with each field that a problem names; `titles` are those of the form, by the names of its
    fields."""
    return [
        FieldProblem(language.text(titles.get(one["field"], "")) or one["field"], field_words(one["message"], language))
        for one in document.get("errors") or ()
    ]


def field_words(message: str, language: Language) -> str:
    """What the API says of a field, in the viewer's language where there are words for it."""
    for pattern, words in FIELD_WORDS:
        if found := pattern.fullmatch(message):
            return language.text(words) % found.groupdict()
    return message
