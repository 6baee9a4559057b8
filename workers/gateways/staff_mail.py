"""The mails to staff: those that invite them have a token by which they set up their account once; others tell them
that what they log in with was changed."""

from __future__ import annotations

from datetime import datetime

from commerce.credentials.mail_tokens import MailToken, TokensOfMails
from commerce.staff.events import (
    StaffCredentialChange,
    StaffInvited,
    StaffPasswordChanged,
    StaffRecoveryCodesReplaced,
    StaffSecondFactorChanged,
)
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


def compose_credential_notice(event: StaffCredentialChange, recorded_at: datetime, email: str) -> Mail:
    """The mail that tells a member of staff that what they log in with was changed."""
    kind, what = _NOTICES[type(event)]
    paragraphs = [
        "Hello,",
        f"{what} of your account was changed on {recorded_at:%Y-%m-%d at %H:%M} UTC. All other sessions have ended.",
        "If that was not you, ask an operator at once to invite you again: then you choose both anew.",
    ]
    text = "\n\n".join(paragraphs) + "\n"
    name = f"staff-{kind}-{event.originator_version}"
    return Mail(event.originator_id, name, "Your account at the shop was changed", text, email)


_NOTICES: dict[type[StaffCredentialChange], tuple[str, str]] = {
    StaffPasswordChanged: ("password-changed", "The password"),
    StaffRecoveryCodesReplaced: ("recovery-codes-replaced", "The recovery codes"),
    StaffSecondFactorChanged: ("second-factor-changed", "The second factor"),
}
