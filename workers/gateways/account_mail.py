"""The mails to customers about their account: each has a token that is good once."""

from __future__ import annotations

from uuid import UUID

from commerce.credentials.mail_tokens import MailToken
from commerce.customers.events import EmailConfirmationRequested, PasswordResetRequested
from commerce.customers.mail_request import MailTokens
from workers.gateways.mail import Mail

AccountEvent = EmailConfirmationRequested | PasswordResetRequested


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
    else:
        subject, kind, asks = "A new password", "password-reset", "To choose a new one"
        way = way_to(page, "reset", tokens.reset.write(token))
        first = "somebody forgot the password that belongs to this e-mail address."
    paragraphs = ["Hello,", first, f"{asks}, {way}", until, "If that was not you, do nothing."]
    return Mail(customer_id, f"{kind}-{event.request_id}", subject, "\n\n".join(paragraphs) + "\n", email)


def way_to(page: str | None, action: str, token: str) -> str:
    """Where to go; after the #, so that no server on the way logs the token."""
    return f"use this token:\n\n{token}" if page is None else f"go to:\n\n{page}#{action}={token}"
