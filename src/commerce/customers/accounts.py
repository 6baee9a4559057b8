"""What the accounts of customers rest on in one process."""

from __future__ import annotations

from dataclasses import dataclass, field

from commerce.credentials.password_hashes import PasswordHashes
from commerce.credentials.session_commands import SeenSession, SessionOwner, Sessions
from commerce.credentials.sessions import RefreshTokens
from commerce.customers import customer as customers
from commerce.customers.email_claim import EmailAddresses
from commerce.customers.events import SESSION_EVENTS
from commerce.customers.mail_request import MailTokens
from commerce.eventstore import EventStore


def refresh_tokens(signing_secret: bytes) -> RefreshTokens:
    """The refresh tokens of customers."""
    return RefreshTokens(signing_secret, "refresh tokens", "crt_")


@dataclass(frozen=True, slots=True)
class Accounts:
    """The log, and the secrets and threads that accounts need."""

    store: EventStore
    addresses: EmailAddresses
    hashes: PasswordHashes
    sessions: Sessions
    mail_tokens: MailTokens = field(repr=False)
    session_s: int
    """Seconds for which a customer stays logged in."""

    @classmethod
    def of(cls, store: EventStore, signing_secret: bytes, hashes: PasswordHashes, session_s: int) -> Accounts:
        """Those of an installation's keys."""

        async def owner_of(seen: SeenSession) -> SessionOwner | None:
            """A session is over with the password that it began with."""
            session = seen.session
            customer = customers.fold(one.event for one in await store.read_stream(session.owner))
            if customer is None:
                return None
            accepts = customer.is_active and customer.credential == session.credential
            return SessionOwner(f"customer:{customer.id}", accepts)

        sessions = Sessions(store, refresh_tokens(signing_secret), SESSION_EVENTS, owner_of)
        return cls(store, EmailAddresses(store.keys), hashes, sessions, MailTokens(signing_secret), session_s)
