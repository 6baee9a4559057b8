"""The events of a customer, of their e-mail address, of logins with it, and of sessions: the schema of record.

Each of these is a stream of its own. A customer's holds no login, so that an order can rest on it as unchanged; those
of logins and of refused ones are apart, so that nobody who guesses passwords drives out where a customer logged in.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from commerce.credentials.sessions import LoginSession, SessionEnd, SessionEvents, SessionRefresh, SessionStart
from commerce.eventstore import Event, Sealed, SealedSecret

RefusedLogin = Literal["unknown_address", "wrong_password", "deactivated", "key_missing"]
"""Why nobody was let in."""

EndOfSession = Literal["revoked", "token_reused"]
"""Why a session ended before its time."""


class CustomerRegistered(Event):
    """A person has an account; `password` is a hash of it, `addresses` is a sealed list of them."""

    TOPIC: ClassVar[str] = "customers.Registered"
    SENTENCE: ClassVar[str] = "A customer registered"

    email: Sealed
    password: SealedSecret
    given_name: Sealed | None = None
    family_name: Sealed | None = None
    phone: Sealed | None = None
    date_of_birth: Sealed | None = None
    addresses: Sealed | None = None


class ProfileChanged(Event):
    """A customer's profile is this from now on, as a whole."""

    TOPIC: ClassVar[str] = "customers.ProfileChanged"
    SENTENCE: ClassVar[str] = "{who} changed the profile"

    given_name: Sealed | None = None
    family_name: Sealed | None = None
    phone: Sealed | None = None
    date_of_birth: Sealed | None = None
    addresses: Sealed | None = None


class PasswordChanged(Event):
    """A customer has another password; sessions that began before end."""

    TOPIC: ClassVar[str] = "customers.PasswordChanged"
    SENTENCE: ClassVar[str] = "{who} changed the password; all sessions end"

    password: SealedSecret


class CustomerDeactivated(Event):
    """A customer closed their account: nobody logs in with it any more, and its e-mail address stays taken."""

    TOPIC: ClassVar[str] = "customers.Deactivated"
    SENTENCE: ClassVar[str] = "{who} closed the account; all sessions end"


class CustomerErased(Event):
    """Nobody can read any more who the customer was; what they ordered stays."""

    TOPIC: ClassVar[str] = "customers.Erased"
    SENTENCE: ClassVar[str] = "The customer's personal data is erased"


class EmailConfirmationRequested(Event):
    """A mail asks a customer whether the e-mail address is theirs; its token is good until `expires_at`."""

    TOPIC: ClassVar[str] = "customers.EmailConfirmationRequested"
    SENTENCE: ClassVar[str] = "A mail asks the customer to confirm the e-mail address, until {expires_at}"

    request_id: UUID
    expires_at: datetime


class EmailConfirmed(Event):
    """Somebody who reads the customer's mails says that the e-mail address is theirs."""

    TOPIC: ClassVar[str] = "customers.EmailConfirmed"
    SENTENCE: ClassVar[str] = "The e-mail address is confirmed"

    request_id: UUID


class EmailChangeRequested(Event):
    """A customer wants another e-mail address; a mail there asks whether it is theirs, with a token that is good until
    `expires_at`. Until then they have the present one."""

    TOPIC: ClassVar[str] = "customers.EmailChangeRequested"
    SENTENCE: ClassVar[str] = "{who} wants another e-mail address, to be confirmed by {expires_at}"

    email: Sealed
    request_id: UUID
    expires_at: datetime


class EmailChanged(Event):
    """A customer has another e-mail address, as somebody who reads its mails says; the earlier one is told."""

    TOPIC: ClassVar[str] = "customers.EmailChanged"
    SENTENCE: ClassVar[str] = "The e-mail address is another one, as a mail to it confirmed"

    email: Sealed
    request_id: UUID


class PasswordResetRequested(Event):
    """Somebody who forgot the password of an e-mail address asks for a mail, whose token is good until `expires_at`;
    `customer_id` is None where the address is no active customer's, and there is no mail."""

    TOPIC: ClassVar[str] = "customers.PasswordResetRequested"
    SENTENCE: ClassVar[str] = "Somebody asked for a mail to replace the password, good until {expires_at}"

    customer_id: UUID | None
    request_id: UUID
    expires_at: datetime


class PasswordReset(Event):
    """The password was replaced by somebody who reads the customer's mails."""

    TOPIC: ClassVar[str] = "customers.PasswordReset"
    SENTENCE: ClassVar[str] = "The password was replaced, by the token of a mail"

    request_id: UUID


class EmailClaimed(Event):
    """An e-mail address is a customer's from now on; the stream stands for the address, by a keyed hash."""

    TOPIC: ClassVar[str] = "customers.EmailClaimed"
    SENTENCE: ClassVar[str] = "The e-mail address is the customer's from now on"

    customer_id: UUID


class EmailReleased(Event):
    """An e-mail address is nobody's again, as its customer has another one, or their data was erased; somebody may
    register with it."""

    TOPIC: ClassVar[str] = "customers.EmailReleased"
    SENTENCE: ClassVar[str] = "The e-mail address is nobody's any more"

    customer_id: UUID


class LoggedIn(Event):
    """A customer logged in; `source` is a keyed hash of the network address that they came from."""

    TOPIC: ClassVar[str] = "customers.LoggedIn"
    SENTENCE: ClassVar[str] = "{who} logged in"

    customer_id: UUID
    session_id: UUID
    source: str


class LoginRefused(Event):
    """Somebody tried to log in with an e-mail address; `customer_id` is whose it is, None where it is nobody's."""

    TOPIC: ClassVar[str] = "customers.LoginRefused"
    SENTENCE: ClassVar[str] = "A login was refused: {reason}"

    customer_id: UUID | None
    reason: RefusedLogin
    source: str


class SessionStarted(SessionStart):
    """A customer stays logged in until `expires_at`; `credential` is the number of the password that they gave."""

    TOPIC: ClassVar[str] = "customers.SessionStarted"
    SENTENCE: ClassVar[str] = "{who} stays logged in until {expires_at}"

    customer_id: UUID
    credential: int
    expires_at: datetime

    def session(self) -> LoginSession:
        """The session that begins."""
        place = self.originator_id, self.originator_version
        return LoginSession(*place, self.customer_id, self.credential, self.expires_at)


class SessionRefreshed(SessionRefresh):
    """A session of a customer has its next refresh token."""

    TOPIC: ClassVar[str] = "customers.SessionRefreshed"
    SENTENCE: ClassVar[str] = "{who} got new tokens"


class SessionEnded(SessionEnd):
    """A session of a customer is over."""

    TOPIC: ClassVar[str] = "customers.SessionEnded"
    SENTENCE: ClassVar[str] = "The session is over: {reason}"

    reason: EndOfSession


CustomerEvent = (
    CustomerRegistered
    | ProfileChanged
    | PasswordChanged
    | EmailConfirmationRequested
    | EmailConfirmed
    | EmailChangeRequested
    | EmailChanged
    | CustomerDeactivated
    | CustomerErased
)
EmailAddressEvent = EmailClaimed | EmailReleased
PasswordResetEvent = PasswordResetRequested | PasswordReset
SessionEvent = SessionStarted | SessionRefreshed | SessionEnded
SESSION_EVENTS = SessionEvents(SessionRefreshed, SessionEnded)
