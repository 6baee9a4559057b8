"""What the accounts of staff rest on in one process."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from commerce.credentials.email_hashes import EmailHashes
from commerce.credentials.mail_tokens import TokensOfMails
from commerce.credentials.password_hashes import PasswordHashes
from commerce.credentials.session_commands import SeenSession, SessionOwner, Sessions
from commerce.credentials.sessions import RefreshTokens
from commerce.credentials.signed_tokens import SignedTokens
from commerce.eventstore import EventStore, KeyRing
from commerce.staff.events import STAFF_SESSION_EVENTS
from commerce.staff.member import StaffMember, fold
from commerce.staff.second_factor import SecondFactorSecrets
from commerce.values import ids
from commerce.values.errors import existing

REFRESH_PREFIX = "srt_"
"""What the refresh token of a member of staff begins with."""


class StaffAddresses(EmailHashes):
    """Names the e-mail addresses of staff by keyed hashes: each is one member's."""

    def __init__(self, keys: KeyRing) -> None:
        super().__init__(keys, "e-mail addresses of staff")

    def member_id(self, email: str) -> UUID:
        """The member of staff who has an address, or would have it."""
        return ids.staff_id(self.of(email))


def invitation_tokens(signing_secret: bytes) -> TokensOfMails:
    """The tokens of mails that invite staff."""
    return TokensOfMails(SignedTokens(signing_secret, "invitations of staff", "sit_"))


@dataclass(frozen=True, slots=True)
class StaffTerms:
    """How long staff stay logged in, in seconds: in all, and without getting new tokens."""

    session_s: int
    idle_s: int

    def accept(self, member: StaffMember, seen: SeenSession) -> bool:
        """Whether a session is good for a member: it is over when what it began with is changed in another one, and
        when nothing is done."""
        session, is_idle = seen.session, seen.now - seen.moved_at > timedelta(seconds=self.idle_s)
        is_of_present = member.credential == session.credential or member.kept_session == session.id
        return member.is_active and is_of_present and not is_idle


@dataclass(frozen=True, slots=True)
class StaffAccounts:
    """The log, and the secrets and threads that accounts of staff need."""

    store: EventStore
    addresses: StaffAddresses
    hashes: PasswordHashes
    sessions: Sessions
    invitations: TokensOfMails = field(repr=False)
    secrets: SecondFactorSecrets = field(repr=False)
    terms: StaffTerms

    @classmethod
    def of(cls, store: EventStore, signing_secret: bytes, hashes: PasswordHashes, terms: StaffTerms) -> StaffAccounts:
        """Those of an installation's keys."""

        async def owner_of(seen: SeenSession) -> SessionOwner | None:
            member = await find_member(store, seen.session.owner)
            return None if member is None else SessionOwner(member.actor, terms.accept(member, seen))

        tokens = RefreshTokens(signing_secret, "refresh tokens of staff", REFRESH_PREFIX)
        sessions = Sessions(store, tokens, STAFF_SESSION_EVENTS, owner_of)
        addresses, secrets = StaffAddresses(store.keys), SecondFactorSecrets(signing_secret)
        return cls(store, addresses, hashes, sessions, invitation_tokens(signing_secret), secrets, terms)


async def find_member(store: EventStore, member_id: UUID) -> StaffMember | None:
    """A member of staff as they are now; None where there is none."""
    return fold([one.event for one in await store.read_stream(member_id)])


async def load_member(store: EventStore, member_id: UUID) -> StaffMember:
    """A member of staff as they are now. Raises `NotFound`."""
    return existing(await find_member(store, member_id), f"there is no member of staff {member_id}")
