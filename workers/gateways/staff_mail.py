"""The mails to staff: each has a token by which they set up their account once."""

from __future__ import annotations

from commerce.credentials.mail_tokens import MailToken, TokensOfMails
from commerce.staff.events import StaffInvited
from workers.gateways.account_mail import way_to
from workers.gateways.mail import Mail


def compose_invitation(event: StaffInvited, email: str, tokens: TokensOfMails, page: str | None) -> Mail:
    """The mail that invites a member of staff; `page` is where the shop takes such tokens, and without one the mail has
    the bare token."""
    token = tokens.write(MailToken(event.originator_id, event.request_id))
    paragraphs = [
        "Hello,",
        f"you are asked to work with the shop's orders, as {event.role}.",
        f"To choose a password and set up an authenticator app, {way_to(page, 'invitation', token)}",
        f"It is good once, until {event.expires_at:%Y-%m-%d %H:%M} UTC.",
        "If you did not expect this, tell whoever runs the shop.",
    ]
    text = "\n\n".join(paragraphs) + "\n"
    return Mail(event.originator_id, f"staff-invitation-{event.request_id}", "Your account at the shop", text, email)
