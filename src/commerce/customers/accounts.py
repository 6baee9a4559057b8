"""What the accounts of customers rest on in one process."""

from __future__ import annotations

from dataclasses import dataclass, field

from commerce.customers.email_claim import EmailAddresses
from commerce.customers.mail_request import MailTokens
from commerce.customers.password_hashes import PasswordHashes
from commerce.customers.session import RefreshTokens
from commerce.eventstore import EventStore


@dataclass(frozen=True, slots=True)
class Accounts:
    """The log, and the secrets and threads that accounts need."""

    store: EventStore
    addresses: EmailAddresses
    hashes: PasswordHashes
    refresh_tokens: RefreshTokens = field(repr=False)
    mail_tokens: MailTokens = field(repr=False)
    session_s: int
    """Seconds for which a customer stays logged in."""

    @classmethod
    def of(cls, store: EventStore, master_key: bytes, signing_secret: bytes, session_s: int) -> Accounts:
        """Those of an installation's keys."""
        refresh, mail = RefreshTokens(signing_secret), MailTokens(signing_secret)
        return cls(store, EmailAddresses(master_key), PasswordHashes(), refresh, mail, session_s)

    def close(self) -> None:
        """Let go of the threads."""
        self.hashes.close()
