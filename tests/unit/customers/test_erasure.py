"""The erasure of a person: asked for once, done with all of their keys, and certified."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from commerce.customers import email_claim, erasure
from commerce.customers.erasure import MOST_KEYS, Erasure, ErasureStatus, Person
from commerce.customers.erasure_events import ErasureCompleted, ErasureEvent, ErasureRequested, KeysDestroyed
from commerce.customers.events import EmailClaimed, EmailReleased
from commerce.eventstore import Event, KeyErasure, in_stream
from commerce.values import ids

PERSON = Person(UUID(int=7))


def after(*events: ErasureEvent) -> Erasure:
    """The erasure after these events."""
    found = erasure.fold(in_stream(events, ids.erasure_id(PERSON.id), after=0))
    assert found is not None
    return found


REQUESTED = ErasureRequested(person_id=PERSON.id, kind="customer", ground="objection")


def test_a_second_request_is_nothing_new() -> None:
    assert erasure.request(None, PERSON, "objection") == [REQUESTED]
    assert erasure.request(after(REQUESTED.model_copy()), PERSON, "unlawful") == []


def test_a_persons_own_key_is_always_destroyed_and_each_key_once() -> None:
    asked, order = after(REQUESTED.model_copy()), uuid4()
    (none,) = erasure.destroy(asked, [])
    assert none == KeysDestroyed(person_id=PERSON.id, keys=(PERSON.id,))
    events = erasure.destroy(asked, [order, PERSON.id, order])
    assert events == [KeysDestroyed(person_id=PERSON.id, keys=(PERSON.id, order))]
    gone = after(REQUESTED.model_copy(), *events)
    assert (gone.status, gone.keys) == (ErasureStatus.KEYS_DESTROYED, (PERSON.id, order))
    assert erasure.destroy(gone, [order]) == []


def test_many_keys_are_several_events() -> None:
    events = erasure.destroy(after(REQUESTED.model_copy()), [uuid4() for _ in range(2 * MOST_KEYS)])
    sizes = [len(event.keys) for event in events if isinstance(event, KeysDestroyed)]
    assert sizes == [MOST_KEYS, MOST_KEYS, 1]


def test_the_certificate_names_all_that_was_erased_and_is_given_once() -> None:
    asked = after(REQUESTED.model_copy())
    assert erasure.complete(asked, "operator:olga", 3, address_released=True) == []
    gone = after(REQUESTED.model_copy(), *erasure.destroy(asked, []))
    (certificate,) = erasure.complete(gone, "operator:olga", 3, address_released=True)
    assert isinstance(certificate, ErasureCompleted)
    assert (certificate.keys, certificate.orders, certificate.requested_by) == ((PERSON.id,), 3, "operator:olga")
    done = after(REQUESTED.model_copy(), *erasure.destroy(asked, []), certificate)
    assert done.status is ErasureStatus.COMPLETED
    assert erasure.complete(done, "operator:olga", 3, address_released=True) == []


def test_an_address_is_released_by_its_own_customer_once_and_can_be_claimed_again() -> None:
    claim, mine, other = uuid4(), uuid4(), uuid4()

    def history(*events: Event) -> list[Event]:
        return in_stream(events, claim, after=0)

    assert email_claim.release(history(EmailClaimed(customer_id=other)), mine) == []
    released = email_claim.release(history(EmailClaimed(customer_id=mine)), mine)
    assert released == [EmailReleased(customer_id=mine)]
    gone = history(EmailClaimed(customer_id=mine), EmailReleased(customer_id=mine))
    assert email_claim.release(gone, mine) == []
    assert email_claim.claim(gone, other) == [EmailClaimed(customer_id=other)]
    with pytest.raises(email_claim.EmailTaken):
        email_claim.claim([*gone, *in_stream([EmailClaimed(customer_id=other)], claim, after=2)], mine)


def test_customers_are_not_told_who_works_here() -> None:
    erased = KeyErasure("operator:olga", datetime(2026, 11, 29, 20, 0, tzinfo=UTC))
    assert str(erased) == "erased by operator:olga at 2026-11-29T20:00:00Z"
    assert str(erased.without_name) == "erased by operator at 2026-11-29T20:00:00Z"
