"""A member of staff: what they may do, what they log in with, and whether they still do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from uuid import UUID

from commerce.credentials.mail_tokens import MailRequest, MailTokenNotAccepted
from commerce.eventstore import Aggregate, Event, Sealed, SealedSecret
from commerce.staff.events import (
    RecoveryCodeUsed,
    StaffCredentialChange,
    StaffDeactivated,
    StaffEvent,
    StaffInvitationAccepted,
    StaffInvited,
    StaffPasswordChanged,
    StaffRecoveryCodesReplaced,
    StaffRole,
    StaffRoleChanged,
    StaffSecondFactorChanged,
    StaffSecondFactorRequested,
)
from commerce.values.errors import RuleBroken


class StaffStatus(StrEnum):
    """Where a member of staff stands."""

    INVITED = "invited"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class StaffMemberExists(RuleBroken):
    """A member of staff has this e-mail address already; they can be invited again."""

    def __init__(self, member_id: UUID) -> None:
        super().__init__(f"a member of staff has this e-mail address; invite {member_id} again, or change their role")


class StaffMemberDeactivated(RuleBroken):
    """The account of the member of staff is closed; add them again."""

    def __init__(self) -> None:
        super().__init__("the account of this member of staff is closed; add them again")


class NoFactorRequested(RuleBroken):
    """No second factor waits to be confirmed: none was asked for, its time is over, or it was confirmed."""

    def __init__(self) -> None:
        super().__init__("no second factor waits to be confirmed (any more); ask for one")


@dataclass(frozen=True, slots=True)
class Duties:
    """What somebody on the staff may do: a role, and the scopes that limit it; None for all that the role may do."""

    role: StaffRole
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class StaffCredentials:
    """What a member of staff logs in with: a sealed password hash, the sealed secret of their second factor, hashes of
    recovery codes, and the newest time step of which a code was used."""

    password: SealedSecret
    second_factor: SealedSecret
    recovery_codes: tuple[str, ...]
    time_step: int


@dataclass(frozen=True, slots=True)
class StaffMember(Aggregate):
    """A member of staff at one version of their stream."""

    status: StaffStatus
    email: Sealed
    duties: Duties
    invitation: MailRequest | None
    """The mail by which they set up their account; a newer one replaces it."""
    credentials: StaffCredentials | None = None
    """None until they accepted an invitation, and once the account is closed."""
    credential: int = 0
    """The number of what they log in with: sessions that began with an earlier one are over."""
    kept_session: UUID | None = None
    """The session in which that was changed, which goes on."""
    factor_request: MailRequest | None = None
    """The second factor that they were shown and have not confirmed; it needs no mail."""

    @property
    def is_active(self) -> bool:
        """Whether they can log in."""
        return self.status is StaffStatus.ACTIVE

    @property
    def actor(self) -> str:
        """As it stands in the log."""
        return f"{self.duties.role}:{self.id}"


def evolve(member: StaffMember | None, event: Event) -> StaffMember | None:
    """Apply one event; before they were invited there is no member."""
    if isinstance(event, StaffInvited):
        return _invited(member, event)
    if member is None:
        return None
    match event:
        case StaffInvitationAccepted():
            credentials = StaffCredentials(event.password, event.second_factor, event.recovery_codes, event.time_step)
            member = replace(
                member,
                status=StaffStatus.ACTIVE,
                invitation=None,
                credentials=credentials,
                credential=member.credential + 1,
                kept_session=None,
                factor_request=None,
            )
        case StaffSecondFactorRequested() if member.credentials is not None:
            credentials = replace(member.credentials, time_step=event.time_step)
            request = MailRequest(event.request_id, event.expires_at)
            member = replace(member, credentials=credentials, factor_request=request)
        case StaffCredentialChange() if member.credentials is not None:
            member = replace(
                member,
                credentials=_changed(member.credentials, event),
                credential=member.credential + 1,
                kept_session=event.session_id,
                factor_request=None,
            )
        case StaffRoleChanged():
            member = replace(member, duties=Duties(event.role, event.scopes))
        case RecoveryCodeUsed() if member.credentials is not None:
            left = tuple(one for one in member.credentials.recovery_codes if one != event.recovery_code)
            member = replace(member, credentials=replace(member.credentials, recovery_codes=left))
        case StaffDeactivated():
            member = replace(member, status=StaffStatus.DEACTIVATED, invitation=None, credentials=None)
    return replace(member, version=event.originator_version)


def _changed(credentials: StaffCredentials, change: StaffCredentialChange) -> StaffCredentials:
    match change:
        case StaffPasswordChanged():
            return replace(credentials, password=change.password, time_step=change.time_step)
        case StaffRecoveryCodesReplaced():
            return replace(credentials, recovery_codes=change.recovery_codes, time_step=change.time_step)
        case StaffSecondFactorChanged():
            return replace(credentials, second_factor=change.second_factor, time_step=change.time_step)
    return credentials


def _invited(member: StaffMember | None, event: StaffInvited) -> StaffMember:
    return StaffMember(
        id=event.originator_id,
        version=event.originator_version,
        status=StaffStatus.ACTIVE if member is not None and member.is_active else StaffStatus.INVITED,
        email=event.email,
        duties=Duties(event.role, event.scopes),
        invitation=MailRequest(event.request_id, event.expires_at),
        credentials=None if member is None else member.credentials,
        credential=0 if member is None else member.credential,
        kept_session=None if member is None else member.kept_session,
    )


def fold(events: Iterable[Event]) -> StaffMember | None:
    """The member of staff after these events."""
    return reduce(evolve, events, None)


def actions_now(member: StaffMember | None) -> list[str]:
    """What may be done about a member of staff now; see `RuleBroken`."""
    is_open = member is not None and member.status is not StaffStatus.DEACTIVATED
    return ["role", "invitation", "DELETE"] if is_open else []


def add(member: StaffMember | None, email: Sealed, duties: Duties, invitation: MailRequest) -> list[StaffEvent]:
    """Invite somebody who is no member of staff, or is not any more. Raises `StaffMemberExists`."""
    if member is not None and member.status is not StaffStatus.DEACTIVATED:
        raise StaffMemberExists(member.id)
    return [_invitation(email, duties, invitation)]


def invite_again(member: StaffMember, invitation: MailRequest) -> list[StaffEvent]:
    """Have a member of staff set up their account anew, such as after they lost their second factor.

    Until they do, what they log in with is good. One of a moment ago will do. Raises `StaffMemberDeactivated`.
    """
    _require_open(member)
    if member.invitation is not None and invitation.comes_soon_after(member.invitation):
        return []
    return [_invitation(member.email, member.duties, invitation)]


def accept(member: StaffMember, request_id: UUID, credentials: StaffCredentials, now: datetime) -> list[StaffEvent]:
    """Set up the account by the token of the last mail. Raises `MailTokenNotAccepted`."""
    require_invited(member, request_id, now)
    return [
        StaffInvitationAccepted(
            request_id=request_id,
            password=credentials.password,
            second_factor=credentials.second_factor,
            recovery_codes=credentials.recovery_codes,
            time_step=credentials.time_step,
        )
    ]


def change_duties(member: StaffMember, duties: Duties) -> list[StaffEvent]:
    """Have a member of staff do something else, at once. Raises `StaffMemberDeactivated`."""
    _require_open(member)
    return [] if member.duties == duties else [StaffRoleChanged(role=duties.role, scopes=duties.scopes)]


def use_recovery_code(member: StaffMember, recovery_code: str) -> list[StaffEvent]:
    """Log in by a recovery code, by its hash; a code that is none of theirs is no event."""
    known = member.credentials is not None and recovery_code in member.credentials.recovery_codes
    return [RecoveryCodeUsed(recovery_code=recovery_code)] if known else []


def confirm_factor(member: StaffMember, changed: StaffSecondFactorChanged, now: datetime) -> list[StaffEvent]:
    """Log in by the second factor that was shown from now on. Raises `NoFactorRequested`."""
    if require_factor_requested(member, now) != changed.request_id:
        raise _no_factor(member)
    return [changed]


def require_factor_requested(member: StaffMember, now: datetime) -> UUID:
    """The request of the second factor that is to be confirmed. Raises `NoFactorRequested`."""
    request = member.factor_request
    if not member.is_active or request is None or not request.is_open(request.request_id, now):
        raise _no_factor(member)
    return request.request_id


def _no_factor(member: StaffMember) -> RuleBroken:
    return NoFactorRequested().standing(member.version, ["second-factor"] if member.is_active else [])


def deactivate(member: StaffMember) -> list[StaffEvent]:
    """Close the account; sessions end."""
    return [] if member.status is StaffStatus.DEACTIVATED else [StaffDeactivated()]


def require_invited(member: StaffMember, request_id: UUID, now: datetime) -> None:
    """Raises `MailTokenNotAccepted` where the token of this request is not good."""
    if member.invitation is None or not member.invitation.is_open(request_id, now):
        raise MailTokenNotAccepted


def _require_open(member: StaffMember) -> None:
    if member.status is StaffStatus.DEACTIVATED:
        raise StaffMemberDeactivated


def _invitation(email: Sealed, duties: Duties, invitation: MailRequest) -> StaffInvited:
    return StaffInvited(
        email=email,
        role=duties.role,
        scopes=duties.scopes,
        request_id=invitation.request_id,
        expires_at=invitation.expires_at,
    )
