"""The rules of a member of staff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from commerce.credentials.mail_tokens import MailRequest, MailTokenNotAccepted
from commerce.eventstore import Sealed, SealedSecret
from commerce.staff import member as members
from commerce.staff.events import (
    RecoveryCodeUsed,
    StaffDeactivated,
    StaffInvitationAccepted,
    StaffInvited,
    StaffPasswordChanged,
    StaffRecoveryCodesReplaced,
    StaffRoleChanged,
    StaffSecondFactorChanged,
    StaffSecondFactorRequested,
)
from commerce.staff.member import (
    Duties,
    NoFactorRequested,
    StaffCredentials,
    StaffMemberDeactivated,
    StaffMemberExists,
    StaffStatus,
    fold,
)
from tests.unit.scenario import SomethingElse, Told, event

OLGA, FIRST, SECOND = UUID(int=1), UUID(int=2), UUID(int=3)
NOW = datetime(2026, 11, 29, tzinfo=UTC)
UNTIL = NOW + timedelta(days=3)
EMAIL, OPERATOR, AUDITOR = Sealed("v1.x"), Duties("operator"), Duties("auditor", ("audit:read",))
ASKED, LATER = MailRequest(FIRST, UNTIL), MailRequest(SECOND, UNTIL + timedelta(hours=1))
HASH, SECRET = SealedSecret(Sealed("v1.hash")), SealedSecret(Sealed("v1.secret"))
CREDENTIALS = StaffCredentials(HASH, SECRET, ("one", "two"), 7)

invited = event(StaffInvited, email=EMAIL, role="operator", scopes=None, request_id=FIRST, expires_at=UNTIL)
again = event(StaffInvited, email=EMAIL, role="operator", request_id=SECOND, expires_at=LATER.expires_at)
chosen = {"password": HASH, "second_factor": SECRET, "recovery_codes": ("one", "two"), "time_step": 7}
accepted = event(StaffInvitationAccepted, request_id=FIRST, **chosen)
deactivated = event(StaffDeactivated)
given = Told(fold, OLGA)


def test_who_is_no_member_is_invited_and_who_is_one_is_not_invited_twice() -> None:
    given().when(lambda _: members.add(None, EMAIL, OPERATOR, ASKED)).then(invited)
    for past in ([invited], [invited, accepted]):
        given(*past).when(members.add, EMAIL, OPERATOR, ASKED).then_breaks(StaffMemberExists)
    given(invited, accepted, deactivated).when(members.add, EMAIL, OPERATOR, LATER).then(again)


def test_an_account_is_set_up_once_by_the_last_mail_in_its_time() -> None:
    given(invited).when(members.accept, FIRST, CREDENTIALS, NOW).then(accepted)
    for past, request, moment in (
        ([invited], SECOND, NOW),
        ([invited], FIRST, UNTIL),
        ([invited, again], FIRST, NOW),
        ([invited, accepted], FIRST, NOW),
        ([invited, deactivated], FIRST, NOW),
    ):
        given(*past).when(members.accept, request, CREDENTIALS, moment).then_breaks(MailTokenNotAccepted)


def test_who_is_invited_again_logs_in_as_before_until_they_set_up_their_account_anew() -> None:
    given(invited, accepted).when(members.invite_again, LATER).then(again)
    soon = MailRequest(SECOND, UNTIL + timedelta(seconds=59))
    given(invited).when(members.invite_again, soon).then_nothing_new()
    given(invited, deactivated).when(members.invite_again, LATER).then_breaks(StaffMemberDeactivated)
    waiting = given.state(invited, accepted, again)
    assert (waiting.status, waiting.credentials, waiting.credential) == (StaffStatus.ACTIVE, CREDENTIALS, 1)
    anew = event(StaffInvitationAccepted, request_id=SECOND, **{**chosen, "recovery_codes": ("three",)})
    changed = given.state(invited, accepted, again, anew)
    assert changed.credential == 2
    assert changed.credentials is not None
    assert changed.credentials.recovery_codes == ("three",)


def test_duties_change_at_once_and_are_kept_by_an_invitation() -> None:
    changed = event(StaffRoleChanged, role="auditor", scopes=("audit:read",))
    given(invited, accepted).when(members.change_duties, AUDITOR).then(changed)
    given(invited).when(members.change_duties, OPERATOR).then_nothing_new()
    given(invited, deactivated).when(members.change_duties, AUDITOR).then_breaks(StaffMemberDeactivated)
    state = given.state(invited, accepted, changed)
    assert (state.duties, state.actor) == (AUDITOR, f"auditor:{OLGA}")
    (invitation,) = members.invite_again(state, LATER)
    assert isinstance(invitation, StaffInvited)
    assert (invitation.role, invitation.scopes) == ("auditor", ("audit:read",))


def test_a_recovery_code_is_good_once() -> None:
    used = event(RecoveryCodeUsed, recovery_code="one")
    given(invited, accepted).when(members.use_recovery_code, "one").then(used)
    given(invited, accepted, used).when(members.use_recovery_code, "one").then_nothing_new()
    given(invited, accepted).when(members.use_recovery_code, "three").then_nothing_new()
    given(invited).when(members.use_recovery_code, "one").then_nothing_new()


def test_another_credential_ends_all_sessions_but_one_and_a_factor_is_confirmed_in_time() -> None:
    session = UUID(int=4)
    by = {"time_step": 8, "session_id": session}
    password = event(StaffPasswordChanged, password=HASH, **by)
    codes = event(StaffRecoveryCodesReplaced, recovery_codes=("three",), **by)
    asked = event(StaffSecondFactorRequested, request_id=SECOND, expires_at=UNTIL, time_step=8)
    changed = event(StaffSecondFactorChanged, request_id=SECOND, second_factor=SECRET, **by)
    for past in ([password], [codes], [asked, changed]):
        state = given.state(invited, accepted, *past)
        assert (state.credential, state.kept_session, state.factor_request) == (2, session, None)
        assert state.credentials is not None
        assert state.credentials.time_step == 8
    assert given.state(invited, accepted, asked).credential == 1
    wanted = StaffSecondFactorChanged(request_id=SECOND, second_factor=SECRET, time_step=8, session_id=session)
    given(invited, accepted, asked).when(members.confirm_factor, wanted, NOW).then(changed)
    for history, moment in (([asked], UNTIL), ([], NOW), ([asked, changed], NOW), ([asked, deactivated], NOW)):
        given(invited, accepted, *history).when(members.confirm_factor, wanted, moment).then_breaks(NoFactorRequested)
    other = wanted.model_copy(update={"request_id": FIRST})
    given(invited, accepted, asked).when(members.confirm_factor, other, NOW).then_breaks(NoFactorRequested)


def test_a_closed_account_has_nothing_to_log_in_with() -> None:
    given(invited, accepted).when(members.deactivate).then(deactivated)
    given(invited, accepted, deactivated).when(members.deactivate).then_nothing_new()
    closed = given.state(invited, accepted, deactivated)
    assert (closed.status, closed.credentials, closed.is_active) == (StaffStatus.DEACTIVATED, None, False)
    added = given.state(invited, accepted, deactivated, again)
    assert (added.status, added.credentials) == (StaffStatus.INVITED, None)


@pytest.mark.parametrize("other", [event(SomethingElse), accepted, deactivated])
def test_what_is_recorded_of_nobody_makes_nobody(other: StaffDeactivated) -> None:
    assert fold([other]) is None
    assert given.state(invited, event(SomethingElse)).version == 2
