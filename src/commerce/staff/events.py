"""The events of a member of staff, of their logins, of refused ones, and of sessions: the schema of record.

Each of these is a stream of its own, as customers' are.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from commerce.credentials.sessions import LoginSession, SessionEnd, SessionEvents, SessionRefresh, SessionStart
from commerce.eventstore import Event, Sealed, SealedSecret

StaffRole = Literal["operator", "auditor"]

StaffLoginRefusal = Literal[
    "unknown_address", "wrong_password", "code_missing", "wrong_code", "no_account", "key_missing"
]
"""Why nobody was let in; `no_account`: they have not accepted their invitation, or the account is closed."""


class StaffInvited(Event):
    """A mail asks somebody to set up an account, or to set it up anew, by a token that is good until `expires_at`;
    `scopes` is None where the account is good for all that the role may do."""

    TOPIC: ClassVar[str] = "staff.Invited"
    SENTENCE: ClassVar[str] = "{who} invited a member of staff as {role}, by a mail that is good until {expires_at}"

    email: Sealed
    role: StaffRole
    scopes: tuple[str, ...] | None = None
    request_id: UUID
    expires_at: datetime


class StaffInvitationAccepted(Event):
    """A member of staff has a password and a second factor; sessions that began before end.

    `recovery_codes` are hashes; `time_step` is that of the code which showed that the second factor works.
    """

    TOPIC: ClassVar[str] = "staff.InvitationAccepted"
    SENTENCE: ClassVar[str] = "{who} accepted the invitation, with a password and a second factor"

    request_id: UUID
    password: SealedSecret
    second_factor: SealedSecret
    recovery_codes: tuple[str, ...]
    time_step: int


class StaffRoleChanged(Event):
    """A member of staff has another role, or other scopes, at once."""

    TOPIC: ClassVar[str] = "staff.RoleChanged"
    SENTENCE: ClassVar[str] = "{who} made the member of staff {role}"

    role: StaffRole
    scopes: tuple[str, ...] | None = None


class RecoveryCodeUsed(Event):
    """A member of staff logged in by a recovery code, which is good no more."""

    TOPIC: ClassVar[str] = "staff.RecoveryCodeUsed"
    SENTENCE: ClassVar[str] = "{who} used a recovery code in the place of the second factor"

    recovery_code: str


class StaffCredentialChange(Event):
    """A member of staff changed what they log in with: sessions end, but for `session_id`, and a mail tells them.

    `time_step` is that of the code which they showed.
    """

    time_step: int
    session_id: UUID | None


class StaffPasswordChanged(StaffCredentialChange):
    """A member of staff has another password."""

    TOPIC: ClassVar[str] = "staff.PasswordChanged"
    SENTENCE: ClassVar[str] = "{who} changed the password; all other sessions end"

    password: SealedSecret


class StaffRecoveryCodesReplaced(StaffCredentialChange):
    """A member of staff has other recovery codes, by their hashes."""

    TOPIC: ClassVar[str] = "staff.RecoveryCodesReplaced"
    SENTENCE: ClassVar[str] = "{who} replaced the recovery codes; all other sessions end"

    recovery_codes: tuple[str, ...]


class StaffSecondFactorRequested(Event):
    """A member of staff is shown the secret of another second factor, which they confirm until `expires_at`;
    `time_step` is that of the code which they showed."""

    TOPIC: ClassVar[str] = "staff.SecondFactorRequested"
    SENTENCE: ClassVar[str] = "{who} asked for another second factor, to be confirmed by {expires_at}"

    request_id: UUID
    expires_at: datetime
    time_step: int


class StaffSecondFactorChanged(StaffCredentialChange):
    """A member of staff has another second factor; `time_step` is that of its first code."""

    TOPIC: ClassVar[str] = "staff.SecondFactorChanged"
    SENTENCE: ClassVar[str] = "{who} changed the second factor; all other sessions end"

    request_id: UUID
    second_factor: SealedSecret


class StaffDeactivated(Event):
    """A member of staff logs in no more, unless they are invited again."""

    TOPIC: ClassVar[str] = "staff.Deactivated"
    SENTENCE: ClassVar[str] = "{who} closed the account; all sessions end"


class StaffLoggedIn(Event):
    """A member of staff logged in; `source` is a keyed hash of the network address that they came from, and
    `time_step` the newest of which a code was used so far."""

    TOPIC: ClassVar[str] = "staff.LoggedIn"
    SENTENCE: ClassVar[str] = "{who} logged in"

    member_id: UUID
    session_id: UUID
    source: str
    time_step: int


class StaffLoginRefused(Event):
    """Somebody tried to log in with an e-mail address of staff; `member_id` is whose it is, None where it is
    nobody's."""

    TOPIC: ClassVar[str] = "staff.LoginRefused"
    SENTENCE: ClassVar[str] = "A login was refused: {reason}"

    member_id: UUID | None
    reason: StaffLoginRefusal
    source: str


class StaffSessionStarted(SessionStart):
    """A member of staff stays logged in until `expires_at` at most; `credential` is the number of the password that
    they gave, and `scopes` what they asked that the session be limited to; None where to nothing."""

    TOPIC: ClassVar[str] = "staff.SessionStarted"
    SENTENCE: ClassVar[str] = "{who} stays logged in until {expires_at}"
    class_version: ClassVar[int] = 2

    member_id: UUID
    credential: int
    expires_at: datetime
    scopes: tuple[str, ...] | None = None

    def session(self) -> LoginSession:
        """The session that begins."""
        place = self.originator_id, self.originator_version
        return LoginSession(*place, self.member_id, self.credential, self.expires_at, scopes=self.scopes)

    @staticmethod
    def upcast_v1_v2(_fields: dict[str, object]) -> None:
        """What a session was limited to was forgotten at its first refresh."""


class StaffSessionRefreshed(SessionRefresh):
    """A session of staff has its next refresh token."""

    TOPIC: ClassVar[str] = "staff.SessionRefreshed"
    SENTENCE: ClassVar[str] = "{who} got new tokens"


class StaffSessionEnded(SessionEnd):
    """A session of staff is over."""

    TOPIC: ClassVar[str] = "staff.SessionEnded"
    SENTENCE: ClassVar[str] = "The session is over: {reason}"

    reason: Literal["revoked", "token_reused"]


StaffEvent = (
    StaffInvited
    | StaffInvitationAccepted
    | StaffRoleChanged
    | RecoveryCodeUsed
    | StaffPasswordChanged
    | StaffRecoveryCodesReplaced
    | StaffSecondFactorRequested
    | StaffSecondFactorChanged
    | StaffDeactivated
)
StaffSessionEvent = StaffSessionStarted | StaffSessionRefreshed | StaffSessionEnded
STAFF_SESSION_EVENTS = SessionEvents(StaffSessionRefreshed, StaffSessionEnded)
