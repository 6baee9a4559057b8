"""The rules of a customer, and of the e-mail address that they claim."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from commerce.credentials.mail_tokens import MailRequest, MailTokenNotAccepted
from commerce.customers import customer as customers
from commerce.customers import email_claim
from commerce.customers.customer import CustomerNotActive, CustomerStatus, Profile, fold
from commerce.customers.email_claim import EmailAddresses, EmailTaken, owner_of
from commerce.customers.events import (
    CustomerDeactivated,
    CustomerRegistered,
    EmailChanged,
    EmailChangeRequested,
    EmailClaimed,
    EmailConfirmationRequested,
    EmailConfirmed,
    PasswordChanged,
    ProfileChanged,
)
from commerce.eventstore import Sealed, SealedSecret
from tests.unit.key_ring import ring_of
from tests.unit.scenario import SomethingElse, Told, event, placed_in

ADA, BOB = UUID(int=1), UUID(int=2)
HASH, OTHER_HASH = SealedSecret(Sealed("a hash")), SealedSecret(Sealed("another hash"))
MAIL = MailRequest(UUID(int=3), datetime(2026, 12, 2, tzinfo=UTC))
NAMED = Profile(given_name=Sealed("Ada"), addresses=Sealed("[]"))
CALLED = Profile(given_name=Sealed("Ada"), phone=Sealed("1"))

registered = event(CustomerRegistered, email="ada@example.org", password="a hash", given_name="Ada", addresses="[]")
asked = event(EmailConfirmationRequested, request_id=MAIL.request_id, expires_at=MAIL.expires_at)
given = Told(fold, ADA)


def test_who_registers_is_active() -> None:
    given().when(lambda _: customers.register(Sealed("ada@example.org"), HASH, NAMED, MAIL)).then(registered, asked)
    state = given.state(registered)
    assert (state.status, state.credential, state.profile) == (CustomerStatus.ACTIVE, 1, NAMED)


def test_a_profile_is_replaced_as_a_whole_and_only_if_it_differs() -> None:
    changed = event(ProfileChanged, given_name="Ada", phone="1")
    given(registered).when(customers.change_profile, CALLED).then(changed)
    given(registered).when(customers.change_profile, NAMED).then_nothing_new()
    assert given.state(registered, changed).profile == CALLED


def test_another_password_is_another_credential() -> None:
    changed = event(PasswordChanged, password="another hash")
    given(registered).when(customers.change_password, OTHER_HASH).then(changed)
    state = given.state(registered, changed)
    assert (state.password, state.credential) == (OTHER_HASH, 2)


def test_an_address_is_confirmed_by_the_last_mail_in_time_and_once() -> None:
    confirmed = event(EmailConfirmed, request_id=MAIL.request_id)
    now, over = MAIL.expires_at - timedelta(seconds=1), MAIL.expires_at
    given(registered, asked).when(customers.confirm_email, MAIL.request_id, now).then(confirmed)
    given(registered, asked).when(customers.confirm_email, MAIL.request_id, over).then_breaks(MailTokenNotAccepted)
    given(registered, asked).when(customers.confirm_email, ADA, now).then_breaks(MailTokenNotAccepted)
    given(registered, asked, confirmed).when(customers.confirm_email, MAIL.request_id, now).then_breaks(
        MailTokenNotAccepted
    )
    assert given.state(registered, asked, confirmed).email_confirmed


def test_a_mail_is_asked_for_again_after_a_minute_unless_the_address_is_confirmed() -> None:
    soon, later = (MailRequest(BOB, MAIL.expires_at + timedelta(seconds=seconds)) for seconds in (59, 60))
    given(registered, asked).when(customers.request_confirmation, soon).then_nothing_new()
    given(registered, asked).when(customers.request_confirmation, later).then(
        event(EmailConfirmationRequested, request_id=BOB, expires_at=later.expires_at)
    )
    confirmed = event(EmailConfirmed, request_id=MAIL.request_id)
    given(registered, asked, confirmed).when(customers.request_confirmation, later).then_nothing_new()


def test_another_address_is_confirmed_by_the_last_mail_in_time_unless_the_password_changes() -> None:
    wanted = event(EmailChangeRequested, email="ada@example.net", request_id=BOB, expires_at=MAIL.expires_at)
    changed = event(EmailChanged, email="ada@example.net", request_id=BOB)
    now, other = MAIL.expires_at - timedelta(seconds=1), MailRequest(BOB, MAIL.expires_at)
    given(registered, asked).when(customers.request_email_change, Sealed("ada@example.net"), other).then(wanted)
    given(registered, asked, wanted).when(customers.change_email, BOB, now).then(changed)
    state = given.state(registered, asked, wanted, changed)
    assert (state.email, state.email_confirmed) == ("ada@example.net", True)
    assert (state.confirmation, state.wanted_email) == (None, None)
    for past, request, moment in (
        ([wanted], BOB, MAIL.expires_at),
        ([wanted], ADA, now),
        ([], BOB, now),
        ([wanted, changed], BOB, now),
        ([wanted, event(PasswordChanged, password="another hash")], BOB, now),
        ([wanted, event(CustomerDeactivated)], BOB, now),
    ):
        given(registered, *past).when(customers.change_email, request, moment).then_breaks(MailTokenNotAccepted)


def test_who_closed_their_account_changes_nothing_any_more() -> None:
    closed = event(CustomerDeactivated)
    given(registered).when(customers.deactivate).then(closed)
    given(registered, closed).when(customers.deactivate).then_nothing_new()
    given(registered, closed).when(customers.change_profile, CALLED).then_breaks(CustomerNotActive)
    given(registered, closed).when(customers.change_password, OTHER_HASH).then_breaks(CustomerNotActive)
    given(registered, closed).when(customers.request_confirmation, MAIL).then_breaks(CustomerNotActive)
    assert not given.state(registered, closed).is_active


def test_events_of_a_newer_release_move_the_version_and_nothing_else() -> None:
    state = given.state(registered, event(SomethingElse))
    assert (state.version, state.profile) == (2, NAMED)
    assert fold(placed_in(ADA, [event(SomethingElse)])) is None


def test_an_address_is_one_customers() -> None:
    claimed = email_claim.claim([], ADA)
    assert claimed == [EmailClaimed(customer_id=ADA)]
    with pytest.raises(EmailTaken):
        email_claim.claim(placed_in(UUID(int=9), claimed), BOB)
    assert owner_of(placed_in(UUID(int=9), [*claimed, event(SomethingElse)])) == ADA


def test_an_address_has_one_form_and_is_not_found_without_the_key() -> None:
    addresses, others = EmailAddresses(ring_of(b"k" * 32)), EmailAddresses(ring_of(b"l" * 32))
    one = addresses.claim("ada@example.org")
    assert one == addresses.claim("Ada@EXAMPLE.org")
    assert addresses.claim("caf\u00e9@example.org") == addresses.claim("CAFE\u0301@example.org")
    assert one not in (addresses.claim("adb@example.org"), others.claim("ada@example.org"))


def test_where_somebody_comes_from_is_told_for_one_address_alone() -> None:
    addresses = EmailAddresses(ring_of(b"k" * 32))
    one, other = addresses.claim("ada@example.org"), addresses.claim("bob@example.org")
    assert addresses.source(one, "192.0.2.1") == addresses.source(one, "192.0.2.1")
    assert addresses.source(one, "192.0.2.1") not in (
        addresses.source(one, "192.0.2.2"),
        addresses.source(other, "192.0.2.1"),
    )
