"""Staff log in: by e-mail address, password, and a code of the second factor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from commerce.credentials.guesses import (
    REFUSALS_IN_ALL_ATTEMPTS,
    SOMEBODY,
    CredentialsNotAccepted,
    TooManyLogins,
    one_by_one,
    seconds_to_wait,
    until_fewer,
)
from commerce.credentials.sessions import RefreshToken
from commerce.eventstore import Append, Event, Metadata, MissingKey, Recorded, in_stream
from commerce.staff import member as members
from commerce.staff.accounts import StaffAccounts, load_member
from commerce.staff.events import (
    StaffInvitationAccepted,
    StaffLoggedIn,
    StaffLoginRefusal,
    StaffLoginRefused,
    StaffSecondFactorChanged,
    StaffSessionStarted,
)
from commerce.staff.member import StaffCredentials, StaffMember
from commerce.staff.second_factor import accepted_step, recovery_digest
from commerce.values import ids
from commerce.values.errors import CommerceError

T = TypeVar("T")

WRONG_CODES_ATTEMPTS = 5
"""After so many wrong codes with the right password, from anywhere, those wait who come from where nobody ever logged
in: a code is one of a million, and whoever tries them knows the password."""


class SecondFactorNeeded(CommerceError):
    """The e-mail address and the password are right; the second factor is missing. Send the same form again, with the
    parameter `otp`."""

    def __init__(self) -> None:
        super().__init__("send the form again with the parameter otp: a code of your app, or a recovery code")


class CodeNotAccepted(CommerceError):
    """The code is wrong, was used before, or its time is over."""

    def __init__(self) -> None:
        super().__init__("the code is wrong, was used before, or its time is over; send the next one")


@dataclass(frozen=True, slots=True)
class StaffLogin:
    """Somebody's try to log in as staff, and where they come from; `code` is of the second factor, or a recovery
    code, and `scopes` what they want the session to be limited to."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    code: str | None = field(repr=False)
    network_address: str
    request_id: str | None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class LoggedInMember:
    """A member of staff who is logged in, in which session, what that is limited to, and the refresh token that they
    stay it with."""

    member: StaffMember
    session_id: UUID
    refresh_token: str = field(repr=False)
    expires_at: datetime
    scopes: Collection[str] | None


_FACTOR_SET = (StaffInvitationAccepted, StaffSecondFactorChanged)
"""What begins another second factor, whose codes have nothing to do with the last one's."""


@dataclass(frozen=True, slots=True)
class Door:
    """What is known of an e-mail address when somebody tries to log in with it."""

    member_id: UUID
    source: str
    now: datetime
    member: StaffMember | None
    used_step: int
    logins: int
    refused: int
    """The versions of the streams of logins, and of refused ones."""


@dataclass(frozen=True, slots=True)
class ShownFactor:
    """The second factor that somebody showed: the newest time step that is used now, or the recovery code, hashed."""

    time_step: int
    recovery_code: str | None = None


async def log_in_member(staff: StaffAccounts, login: StaffLogin) -> LoggedInMember:
    """Let a member of staff in, and put that on record, or that nobody was let in.

    An address that is nobody's takes the same reads, the same hash and the same append. Raises
    `CredentialsNotAccepted`, `SecondFactorNeeded`, `CodeNotAccepted`, `TooManyLogins`, `Unavailable`.
    """

    async def let_in(door: Door, member: StaffMember, shown: ShownFactor) -> LoggedInMember:
        return await _let_in(staff, door, member, shown, login)

    return await at_door(staff, login, let_in)


async def at_door(
    staff: StaffAccounts, login: StaffLogin, then: Callable[[Door, StaffMember, ShownFactor], Awaitable[T]]
) -> T:
    """What comes of the right password and second factor, one try after the other; what is wrong counts as a refused
    login. Raises what `log_in_member` raises."""
    member_id = staff.addresses.member_id(login.email)

    async def attempt() -> T:
        door = await _look(staff, login, member_id)
        shown = await _shown(staff, door, login)
        if isinstance(shown, ShownFactor) and door.member is not None:
            return await then(door, door.member, shown)
        reason: StaffLoginRefusal = "no_account" if isinstance(shown, ShownFactor) else shown
        await _refuse(staff, door, reason, login.request_id)
        raise _error_of(reason)

    return await one_by_one(member_id, attempt)


async def refresh_member(
    staff: StaffAccounts, refresh_token: str, idempotency_key: str | None, request_id: str | None
) -> LoggedInMember:
    """Replace a refresh token of staff by the next one of its session. Raises what `Sessions.refresh` raises."""
    refreshed = await staff.sessions.refresh(refresh_token, idempotency_key, request_id)
    session = refreshed.session
    member = await load_member(staff.store, session.owner)
    return LoggedInMember(member, session.id, refreshed.refresh_token, session.expires_at, session.scopes)


async def _look(staff: StaffAccounts, login: StaffLogin, member_id: UUID) -> Door:
    store, source = staff.store, staff.addresses.source(member_id, login.network_address)
    streams = ids.logins_id(member_id), ids.refused_logins_id(member_id)
    now, ends = await store.read_ends(streams, REFUSALS_IN_ALL_ATTEMPTS)
    logins, refused = (ends[stream] for stream in streams)
    history = await store.read_stream(member_id)
    if seconds := _seconds_to_wait(logins, refused, history, source, now):
        raise TooManyLogins(seconds)
    member = members.fold(one.event for one in history)
    used = _used_step(logins, history)
    if member is not None and member.credentials is not None:
        used = max(used, member.credentials.time_step)
    return Door(member_id, source, now, member, used, _version(logins), _version(refused))


def _used_step(logins: Sequence[Recorded], history: Sequence[Recorded]) -> int:
    """The newest time step of which a code of the present second factor was used to log in."""
    factors = [one.position for one in history if isinstance(one.event, _FACTOR_SET)]
    last = logins[-1] if logins else None
    is_of_factor = last is not None and last.position > max(factors, default=0)
    return last.event.time_step if last and is_of_factor and isinstance(last.event, StaffLoggedIn) else 0


def _seconds_to_wait(
    logins: Sequence[Recorded], refused: Sequence[Recorded], history: Sequence[Recorded], source: str, now: datetime
) -> int:
    """How long somebody waits; who set up their account by a mail is forgiven all guesses before."""
    forgiven = [one.recorded_at for one in history if isinstance(one.event, StaffInvitationAccepted)]
    seconds = seconds_to_wait(logins, refused, forgiven, source, now)
    is_known = any(isinstance(one.event, StaffLoggedIn) and one.event.source == source for one in logins)
    if is_known:
        return seconds
    since = max([*forgiven, *(one.recorded_at for one in logins[-1:])], default=now - timedelta(days=1))
    wrong = [one.recorded_at for one in refused if one.recorded_at > since and _is_wrong_code(one)]
    return max(seconds, until_fewer(wrong, WRONG_CODES_ATTEMPTS, now))


def _is_wrong_code(recorded: Recorded) -> bool:
    return isinstance(recorded.event, StaffLoginRefused) and recorded.event.reason == "wrong_code"


async def _shown(staff: StaffAccounts, door: Door, login: StaffLogin) -> ShownFactor | StaffLoginRefusal:
    """What somebody showed who they are by, or why they are not let in; found out by comparing one hash, whatever it
    is."""
    member = door.member
    credentials = None if member is None else member.credentials
    reason: StaffLoginRefusal = "unknown_address" if member is None else "no_account"
    hashed = secret = None
    if credentials is not None:
        try:
            hashed, secret = await staff.store.keys.open_all((credentials.password, credentials.second_factor))
            reason = "wrong_password"
        except MissingKey:
            reason = "key_missing"
    if not await staff.hashes.is_of(login.password, hashed) or credentials is None or secret is None:
        return reason
    if login.code is None:
        return "code_missing"
    return _factor(credentials, secret, login.code, door) or "wrong_code"


def _factor(credentials: StaffCredentials, secret: str, code: str, door: Door) -> ShownFactor | None:
    step = accepted_step(secret, code, door.now, door.used_step)
    if step is not None:
        return ShownFactor(step)
    digest = recovery_digest(code)
    return ShownFactor(door.used_step, digest) if digest in credentials.recovery_codes else None


async def _refuse(staff: StaffAccounts, door: Door, reason: StaffLoginRefusal, request_id: str | None) -> None:
    member_id = None if door.member is None else door.member.id
    event = StaffLoginRefused(member_id=member_id, reason=reason, source=door.source)
    events = in_stream([event], ids.refused_logins_id(door.member_id), after=door.refused)
    await staff.store.append(Append(events, member_id, Metadata(SOMEBODY, request_id)))


def _error_of(reason: StaffLoginRefusal) -> CommerceError:
    match reason:
        case "code_missing":
            return SecondFactorNeeded()
        case "wrong_code":
            return CodeNotAccepted()
        case _:
            return CredentialsNotAccepted()


async def _let_in(
    staff: StaffAccounts, door: Door, member: StaffMember, shown: ShownFactor, login: StaffLogin
) -> LoggedInMember:
    session_id, expires_at = uuid4(), door.now + timedelta(seconds=staff.terms.session_s)
    logged_in = StaffLoggedIn(member_id=member.id, session_id=session_id, source=door.source, time_step=shown.time_step)
    scopes = None if login.scopes is None else tuple(sorted(login.scopes))
    started = StaffSessionStarted(
        member_id=member.id, credential=member.credential, expires_at=expires_at, scopes=scopes
    )
    used = members.use_recovery_code(member, shown.recovery_code) if shown.recovery_code else []
    events: list[Event] = [
        *in_stream([logged_in], ids.logins_id(member.id), after=door.logins),
        *in_stream([started], session_id, after=0),
        *in_stream(used, member.id, after=member.version),
    ]
    unchanged = [] if used else [(member.id, member.version)]
    await staff.store.append(Append(events, member.id, Metadata(member.actor, login.request_id), unchanged=unchanged))
    token = staff.sessions.tokens.write(RefreshToken(session_id, 1))
    return LoggedInMember(member, session_id, token, expires_at, login.scopes)


def _version(end: Sequence[Recorded]) -> int:
    return end[-1].originator_version if end else 0
