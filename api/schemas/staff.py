"""Members of staff as they are invited, set up their account, and are seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.customers import MailTokenText, Password
from api.schemas.fields import Body, Email
from api.schemas.orders import PersonalData
from commerce.eventstore import Sealed
from commerce.runtime.scopes import SCOPE_NAMES, Scope
from commerce.staff.events import StaffRole
from commerce.staff.member import Duties, StaffStatus
from projections.staff import StaffRow

_MEMBER_ID, _SESSION_ID = "0b5a9f0c-6f4e-5d2b-8a7e-1c3d5e7f9a0b", "9d1f6c0a-3b2e-4f7a-8c5d-2e4f6a8b0c1d"
_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
EXAMPLE_STAFF_ACCEPTED: JsonDict = {"member_id": _MEMBER_ID, "status": "invited", "position": 45}
EXAMPLE_ENROLMENT: JsonDict = {
    "email": "olga@shop.example",
    "role": "operator",
    "secret": _SECRET,
    "uri": f"otpauth://totp/commerce:olga%40shop.example?secret={_SECRET}&issuer=commerce",
}
EXAMPLE_ACCOUNT_SET_UP: JsonDict = {
    "member_id": _MEMBER_ID,
    "recovery_codes": ["ABCD-EFGH-IJKL-MNOP", "QRST-UVWX-YZ23-4567"],
    "position": 46,
}
EXAMPLE_NEW_FACTOR: JsonDict = {
    "secret": _SECRET,
    "uri": f"otpauth://totp/commerce:olga%40shop.example?secret={_SECRET}&issuer=commerce",
    "expires_at": "2026-11-23T14:20:00.500000Z",
    "position": 47,
}
EXAMPLE_MEMBER: JsonDict = {
    "member_id": _MEMBER_ID,
    "email": "olga@shop.example",
    "personal_data": "readable",
    "role": "operator",
    "scopes": None,
    "status": "active",
    "invited_by": "operator:anna",
    "invited_at": "2026-11-23T14:05:00.500000Z",
    "invited_until": None,
    "accepted_at": "2026-11-23T15:00:00.250000Z",
    "deactivated_at": None,
}
EXAMPLE_SESSION: JsonDict = {
    "session_id": _SESSION_ID,
    "is_this": True,
    "started_at": "2026-11-23T14:05:00.500000Z",
    "refreshed_at": "2026-11-23T14:20:00.500000Z",
    "expires_at": "2026-11-24T02:05:00.500000Z",
}

StaffScopes = Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPE_NAMES))]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern="^[ -~]+$")]


def _example(example: JsonDict) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class AddMember(Body):
    """Somebody who is to be a member of staff."""

    model_config = _example(
        {"email": "olga@shop.example", "role": "operator", "scopes": ["orders:read", "cases:decide"]}
    )

    email: Email
    """Where the invitation goes, and what they log in with; capitals make no difference."""
    role: StaffRole
    """What they may do."""
    scopes: StaffScopes | None = None
    """What of that they may do; all of it where it is left out or null. Name the fewest that serve."""

    @property
    def duties(self) -> Duties:
        """The same, as it is put on record."""
        return Duties(self.role, None if self.scopes is None else tuple(sorted(set(self.scopes))))


class ChangeDuties(Body):
    """What a member of staff may do from now on."""

    model_config = _example({"role": "auditor"})

    role: StaffRole
    """What they may do."""
    scopes: StaffScopes | None = None
    """What of that they may do; all of it where it is left out or null. Name the fewest that serve."""

    @property
    def duties(self) -> Duties:
        """The same, as it is put on record."""
        return Duties(self.role, None if self.scopes is None else tuple(sorted(set(self.scopes))))


class InvitationToken(Body):
    """The token of a mail that invites a member of staff."""

    model_config = _example({"token": "sit_VGhpcyBpcyBhbiBleGFtcGxl"})

    token: MailTokenText
    """As it stands in the mail; good once, for three days, until a later mail."""


class AcceptInvitation(Body):
    """How a member of staff wants to log in."""

    model_config = _example(
        {"token": "sit_VGhpcyBpcyBhbiBleGFtcGxl", "password": "a long sentence of hers", "code": "492039"}
    )

    token: MailTokenText
    """As it stands in the mail; good once, for three days, until a later mail."""
    password: Password
    """8 to 128 characters, and none of those passwords that are tried first."""
    code: Code
    """What the authenticator app shows now, so that it is known to work."""


class ProveIdentity(Body):
    """What a member of staff shows who they are by."""

    model_config = _example({"present_password": "a long sentence of hers", "otp": "492039"})

    present_password: Password
    """What they log in with now."""
    otp: Code
    """What the authenticator app shows now, or a recovery code; each is good once."""


class ChangeOwnPassword(Body):
    """Another password of a member of staff."""

    model_config = _example(
        {"present_password": "a long sentence of hers", "otp": "492039", "password": "another sentence of hers"}
    )

    present_password: Password
    """What they log in with now."""
    otp: Code
    """What the authenticator app shows now, or a recovery code; each is good once."""
    password: Password
    """8 to 128 characters, and none of those passwords that are tried first."""


class ConfirmFactor(Body):
    """A code of the second factor that was shown."""

    model_config = _example({"code": "492039"})

    code: Code
    """What the authenticator app shows now for the new secret, so that it is known to work."""


@dataclass(frozen=True, slots=True)
class NewRecoveryCodes:
    """Other recovery codes; the earlier ones are good no more."""

    member_id: UUID
    """The member of staff."""
    recovery_codes: list[str]
    """Each is good once in the place of a code of the app; shown in this answer alone."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class NewFactorView:
    """The secret of another second factor (RFC 6238: SHA-1, 6 digits, 30 seconds), which is to be confirmed."""

    secret: str
    """The secret in base 32; shown in this answer alone."""
    uri: str
    """The same, for a QR code."""
    expires_at: datetime
    """Until when it can be confirmed; until it is, the present one is good."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class StaffAccepted:
    """Something was done about a member of staff."""

    member_id: UUID
    """The member of staff; what they do is on record as done by their role and this id."""
    status: StaffStatus
    """Where they stand now."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """What somebody who is invited puts into an authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds)."""

    email: str
    """What they log in with."""
    role: StaffRole
    """What they may do."""
    secret: str
    """The secret in base 32; the same until the invitation is accepted, and shown by nothing afterwards."""
    uri: str
    """The same, for a QR code."""


@dataclass(frozen=True, slots=True)
class AccountSetUp:
    """A member of staff can log in now."""

    member_id: UUID
    """The member of staff."""
    recovery_codes: list[str]
    """Each is good once in the place of a code of the app; shown in this answer alone."""
    position: int
    """The place in the log."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member of staff."""

    member_id: UUID
    """What they do is on record as done by their role and this id."""
    email: str | None
    """What they log in with; null where it cannot be read."""
    personal_data: PersonalData
    """Whether the e-mail address can be read."""
    role: StaffRole
    """What they may do."""
    scopes: list[str] | None
    """What of that they may do; null for all of it."""
    status: StaffStatus
    """`invited`: they have not set up their account; `active`; or `deactivated`: they log in no more."""
    invited_by: str
    """Who invited them last: role and subject."""
    invited_at: datetime
    """When that was."""
    invited_until: datetime | None
    """Until when the invitation is good; null without an open one."""
    accepted_at: datetime | None
    """When they set up their account last; null where they never did."""
    deactivated_at: datetime | None
    """When the account was closed; null where it is not."""


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session in which a member of staff is logged in."""

    session_id: UUID
    """It is ended under this id."""
    is_this: bool
    """Whether the request was sent with a token of it."""
    started_at: datetime
    """When they logged in."""
    refreshed_at: datetime
    """When they got tokens last."""
    expires_at: datetime
    """When it ends, if not before."""


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """A session that is over: at once here, and within two seconds for every other process."""

    session_id: UUID
    """The session."""
    status: Literal["ended"]
    """Always `ended`."""


def member_view(row: StaffRow, plain: Mapping[Sealed, str]) -> MemberView:
    """A member of staff as they are shown, with their address where it can be read."""
    email = plain.get(row.email)
    return MemberView(
        member_id=row.member_id,
        email=email,
        personal_data="key_missing" if email is None else "readable",
        role=row.role,
        scopes=row.scopes,
        status=row.status,
        invited_by=row.invited_by,
        invited_at=row.invited_at,
        invited_until=row.invited_until,
        accepted_at=row.accepted_at,
        deactivated_at=row.deactivated_at,
    )
