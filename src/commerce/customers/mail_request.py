"""The mails by which customers confirm their e-mail address and replace their password."""

from __future__ import annotations

from commerce.credentials.mail_tokens import TokensOfMails
from commerce.credentials.signed_tokens import SignedTokens

CONFIRMATION_LIFETIME_S = 3 * 24 * 3600
RESET_LIFETIME_S = 3600
"""Seconds for which the token of a mail is good."""


CHANGE_PREFIX = "cea_"
"""What the token of a mail begins with that confirms another e-mail address."""


class MailTokens:
    """Writes and reads the tokens of mails; those that confirm an address cannot replace a password."""

    def __init__(self, secret: bytes) -> None:
        self.confirmation = TokensOfMails(SignedTokens(secret, "confirmations of e-mail addresses", "cec_"))
        self.change = TokensOfMails(SignedTokens(secret, "changes of e-mail addresses", CHANGE_PREFIX))
        self.reset = TokensOfMails(SignedTokens(secret, "replacements of passwords", "cpr_"))
