"""The mails to customers about their account: most have a token that is good once."""

from __future__ import annotations

from uuid import UUID

from commerce.credentials.mail_tokens import MailToken
from commerce.customers.events import (
    EmailChanged,
    EmailChangeRequested,
    EmailConfirmationRequested,
    PasswordResetRequested,
)
from commerce.customers.mail_request import MailTokens
from workers.gateways.mail import Mail

AccountEvent = EmailConfirmationRequested | EmailChangeRequested | PasswordResetRequested
"""What asks for a mail with a token."""


def compose_account_mail(
    event: AccountEvent, customer_id: UUID, email: str, tokens: MailTokens, page: str | None
) -> Mail:
    """The mail that an event asks for; `page` is where the shop takes tokens, and without one the mail has the bare
    token."""
    token = MailToken(event.originator_id, event.request_id)
    until = f"It is good once, until {event.expires_at:%Y-%m-%d %H:%M} UTC."
    if isinstance(event, EmailConfirmationRequested):
        subject, kind, asks = "Is this your e-mail address?", "email-confirmation", "To confirm it"
        way = way_to(page, "confirm", tokens.confirmation.write(token))
        first = "somebody registered with this e-mail address."
    elif isinstance(event, EmailChangeRequested):
        subject, kind, asks = "Is this your new e-mail address?", "email-change", "To confirm it"
        way = way_to(page, "confirm", tokens.change.write(token))
        first = "a customer wants to use this e-mail address from now on."
    else:
        subject, kind, asks = "A new password", "password-reset", "To choose a new one"
        way = way_to(page, "reset", tokens.reset.write(token))
        first = "somebody forgot the password that belongs to this e-mail address."
    paragraphs = ["Hello,", first, f"{asks}, {way}", until, "If that was not you, do nothing."]
    return Mail(customer_id, f"{kind}-{event.request_id}", subject, "\n\n".join(paragraphs) + "\n", email)


def compose_change_notice(event: EmailChanged, former: str) -> Mail:
    """The mail to the address that a customer had before."""
    paragraphs = [
        "Hello,",
        "your account has another e-mail address now, as you asked for. Nothing more goes to this one.",
        "If that was not you, tell the shop at once.",
    ]
    text = "\n\n".join(paragraphs) + "\n"
    name = f"email-changed-{event.request_id}"
    return Mail(event.originator_id, name, "Your e-mail address was changed", text, former)


def way_to(page: str | None, action: str, token: str) -> str:
    """Where to go; after the #, so that no server on the way logs the token."""
    return f"use this token:\n\n{token}" if page is None else f"go to:\n\n{page}#{action}={token}"
