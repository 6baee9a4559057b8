"""What members of staff change of what they log in with: each change asks for the present password and a code, ends all
their other sessions, and is told to them by a mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from commerce.credentials.guesses import CredentialsNotAccepted
from commerce.eventstore import Append, Event, Metadata, SealedSecret, StreamDecision, handle_command, in_stream
from commerce.staff import member as members
from commerce.staff.accounts import StaffAccounts, load_member
from commerce.staff.events import (
    StaffEvent,
    StaffPasswordChanged,
    StaffRecoveryCodesReplaced,
    StaffSecondFactorChanged,
    StaffSecondFactorRequested,
)
from commerce.staff.login_commands import CodeNotAccepted, Door, ShownFactor, StaffLogin, at_door
from commerce.staff.member import StaffMember
from commerce.staff.second_factor import accepted_step, enrolment_uri, new_recovery_codes, recovery_digest
from commerce.values import ids
from commerce.values.errors import InvalidInput, existing

CONFIRMATION_S = 15 * 60
"""Seconds for which a second factor that was shown can be confirmed."""


@dataclass(frozen=True, slots=True)
class IdentityProof:
    """What a member of staff shows who they are by, where they come from, and in which session."""

    member_id: UUID
    password: str = field(repr=False)
    code: str = field(repr=False)
    network_address: str
    session_id: UUID | None
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class ShownSecret:
    """The secret of another second factor, until when it can be confirmed, and the position of that."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    expires_at: datetime
    position: int


async def change_own_password(staff: StaffAccounts, proof: IdentityProof, password: str) -> int:
    """Log in with another password from now on; answers the position.

    Raises `InvalidInput`, naming the field, for a present password or a code that is wrong and for a password that may
    not be chosen, `NotFound`, `TooManyLogins`, `MissingKey`, `Unavailable`.
    """
    email = await _email_of(staff, proof)
    key = await staff.store.keys.of(proof.member_id)
    secret = SealedSecret(key.seal(await staff.hashes.of_new(password, email)))
    return await _proven(
        staff,
        proof,
        email,
        lambda step: StaffPasswordChanged(password=secret, time_step=step, session_id=proof.session_id),
    )


async def replace_recovery_codes(staff: StaffAccounts, proof: IdentityProof) -> tuple[list[str], int]:
    """Have other recovery codes, and the earlier ones good no more; answers them and the position. Raises as
    `change_own_password`."""
    codes = new_recovery_codes()
    digests = tuple(map(recovery_digest, codes))
    position = await _proven(
        staff,
        proof,
        await _email_of(staff, proof),
        lambda step: StaffRecoveryCodesReplaced(recovery_codes=digests, time_step=step, session_id=proof.session_id),
    )
    return codes, position


async def request_factor(staff: StaffAccounts, proof: IdentityProof) -> ShownSecret:
    """Be shown the secret of another second factor; until it is confirmed, the present one is good. Raises as
    `change_own_password`."""
    email, request_id = await _email_of(staff, proof), uuid4()
    now, _ = await staff.store.read_ends((), 1)
    expires_at = now + timedelta(seconds=CONFIRMATION_S)
    position = await _proven(
        staff,
        proof,
        email,
        lambda step: StaffSecondFactorRequested(request_id=request_id, expires_at=expires_at, time_step=step),
    )
    secret = staff.secrets.of_request(proof.member_id, request_id)
    return ShownSecret(secret, enrolment_uri(secret, email), expires_at, position)


async def confirm_factor(
    staff: StaffAccounts, member_id: UUID, code: str, session_id: UUID | None, metadata: Metadata
) -> int:
    """Log in by the second factor that was shown last from now on, as a code of it shows; answers the position.

    Raises `NoFactorRequested`, `InvalidInput` for a code that is not of it, `NotFound`, `Unavailable`.
    """
    now, _ = await staff.store.read_ends((), 1)
    request_id = members.require_factor_requested(await load_member(staff.store, member_id), now)
    secret = staff.secrets.of_request(member_id, request_id)
    step = accepted_step(secret, code, now, used_step=0)
    if step is None:
        raise InvalidInput("this is no present code; look whether the app and its clock are right", "code")
    sealed = SealedSecret((await staff.store.keys.of(member_id)).seal(secret))
    changed = StaffSecondFactorChanged(
        request_id=request_id, second_factor=sealed, time_step=step, session_id=session_id
    )

    def decide(history: Sequence[Event]) -> Sequence[Event]:
        member = existing(members.fold(history), f"there is no member of staff {member_id}")
        return members.confirm_factor(member, changed, now)

    decision = StreamDecision(member_id, decide)
    return (await handle_command(staff.store, decision, metadata, correlation_id=member_id)).position


async def _email_of(staff: StaffAccounts, proof: IdentityProof) -> str:
    return await staff.store.keys.open((await load_member(staff.store, proof.member_id)).email)


async def _proven(staff: StaffAccounts, proof: IdentityProof, email: str, event: Callable[[int], StaffEvent]) -> int:
    """Record what a member does, once they have shown who they are; the code that they showed is used then."""
    login = StaffLogin(email, proof.password, proof.code, proof.network_address, proof.metadata.request_id)

    async def record(door: Door, member: StaffMember, shown: ShownFactor) -> int:
        used = members.use_recovery_code(member, shown.recovery_code) if shown.recovery_code else []
        events = in_stream([*used, event(shown.time_step)], member.id, after=member.version)
        unchanged = [(ids.logins_id(member.id), door.logins)]
        return await staff.store.append(Append(events, member.id, proof.metadata, unchanged=unchanged))

    try:
        return await at_door(staff, login, record)
    except CredentialsNotAccepted:
        raise InvalidInput("this is not the present password", "present_password") from None
    except CodeNotAccepted as error:
        raise InvalidInput(str(error), "otp") from None
