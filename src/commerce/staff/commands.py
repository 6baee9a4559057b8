"""What is done about members of staff: they are invited, set up their account, get other duties, and leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from commerce.credentials.mail_tokens import MailTokenNotAccepted, new_request
from commerce.eventstore import (
    Accepted,
    Event,
    EventStore,
    Idempotency,
    Metadata,
    PersonKey,
    SealedSecret,
    StreamDecision,
    handle_command,
)
from commerce.staff import member as members
from commerce.staff.accounts import StaffAccounts, find_member
from commerce.staff.events import StaffEvent
from commerce.staff.member import Duties, StaffCredentials, StaffMember
from commerce.staff.second_factor import accepted_step, enrolment_uri, new_recovery_codes, recovery_digest
from commerce.values.errors import InvalidInput, existing

INVITATION_LIFETIME_S = 3 * 24 * 3600
"""Seconds for which the token of an invitation is good."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What somebody who is invited puts into their authenticator app."""

    member: StaffMember
    email: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def uri(self) -> str:
        """The same for a QR code."""
        return enrolment_uri(self.secret, self.email)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The token of an invitation, the password that somebody wants, and a code of their second factor."""

    token: str = field(repr=False)
    password: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AcceptedInvitation:
    """A member of staff who can log in now, and the recovery codes that they keep."""

    member_id: UUID
    recovery_codes: list[str] = field(repr=False)
    accepted: Accepted


async def add_member(
    staff: StaffAccounts,
    email: str,
    duties: Duties,
    metadata: Metadata,
    *,
    idempotency: Idempotency | None = None,
) -> Accepted:
    """Invite somebody by a mail. Raises `StaffMemberExists`, `MissingKey`, and what `EventStore.append` raises."""
    member_id = staff.addresses.member_id(email)
    key = await staff.store.keys.of(member_id)
    sealed = key.seal(email)
    invitation = await new_request(staff.store, INVITATION_LIFETIME_S)
    decision = StreamDecision(
        member_id, lambda history: members.add(members.fold(history), sealed, duties, invitation), actions=_actions
    )
    return await handle_command(
        staff.store, decision, metadata, correlation_id=member_id, idempotency=idempotency, keys=key.new
    )


async def invite_member_again(staff: StaffAccounts, member_id: UUID, metadata: Metadata) -> Accepted:
    """Have a member of staff set up their account anew. Raises `NotFound`, `StaffMemberDeactivated`."""
    invitation = await new_request(staff.store, INVITATION_LIFETIME_S)
    return await _decide(staff.store, member_id, lambda one: members.invite_again(one, invitation), metadata)


async def change_member(store: EventStore, member_id: UUID, duties: Duties, metadata: Metadata) -> Accepted:
    """Have a member of staff do something else, at once. Raises `NotFound`, `StaffMemberDeactivated`."""
    return await _decide(store, member_id, lambda one: members.change_duties(one, duties), metadata)


async def deactivate_member(store: EventStore, member_id: UUID, metadata: Metadata) -> Accepted:
    """Close the account of a member of staff. Raises `NotFound`."""
    return await _decide(store, member_id, members.deactivate, metadata)


async def look_at_invitation(staff: StaffAccounts, text: str) -> Enrolment:
    """What the token of a mail invites to; looking at it uses nothing up. Raises `MailTokenNotAccepted`,
    `MissingKey`."""
    token = staff.invitations.read(text)
    now, _ = await staff.store.read_ends((), 1)
    member = await find_member(staff.store, token.stream)
    if member is None:
        raise MailTokenNotAccepted
    members.require_invited(member, token.request_id, now)
    secret = staff.secrets.of_request(member.id, token.request_id)
    return Enrolment(member, await staff.store.keys.open(member.email), secret)


async def accept_invitation(staff: StaffAccounts, acceptance: Acceptance, request_id: str | None) -> AcceptedInvitation:
    """Set up the account of the member of staff that a mail with this token went to; earlier sessions end.

    Raises `MailTokenNotAccepted`, `MissingKey`, and `InvalidInput` for a password that may not be chosen, and for a
    code that is not of the second factor.
    """
    store, enrolment = staff.store, await look_at_invitation(staff, acceptance.token)
    token = staff.invitations.read(acceptance.token)
    now, _ = await store.read_ends((), 1)
    step = accepted_step(enrolment.secret, acceptance.code, now, used_step=0)
    if step is None:
        raise InvalidInput("this is no present code; look whether the app and its clock are right", "code")
    member_id, key = enrolment.member.id, await store.keys.of(enrolment.member.id)
    hashed = await staff.hashes.of_new(acceptance.password, enrolment.email)
    codes = new_recovery_codes()
    credentials = StaffCredentials(
        _secret(key, hashed), _secret(key, enrolment.secret), tuple(map(recovery_digest, codes)), step
    )
    accepted = await _decide(
        store,
        member_id,
        lambda one: members.accept(one, token.request_id, credentials, now),
        Metadata(enrolment.member.actor, request_id),
    )
    return AcceptedInvitation(member_id, codes, accepted)


async def _decide(
    store: EventStore, member_id: UUID, decide: Callable[[StaffMember], Sequence[StaffEvent]], metadata: Metadata
) -> Accepted:
    def decided(history: Sequence[Event]) -> Sequence[Event]:
        return decide(existing(members.fold(history), f"there is no member of staff {member_id}"))

    decision = StreamDecision(member_id, decided, actions=_actions)
    return await handle_command(store, decision, metadata, correlation_id=member_id)


def _actions(history: Sequence[Event]) -> Sequence[str]:
    return members.actions_now(members.fold(history))


def _secret(key: PersonKey, text: str) -> SealedSecret:
    return SealedSecret(key.seal(text))
