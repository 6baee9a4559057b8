"""An API key is good until it is revoked, its time is over, or the time beside its successor is."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from commerce.eventstore import Event, in_stream
from commerce.machines import api_key
from commerce.machines.api_key import ApiKey, ApiKeyEnded, ApiKeyExists, ApiKeyReplacedBefore, NewApiKey
from commerce.machines.events import ApiKeyIssued, ApiKeyReplaced, ApiKeyRevoked
from commerce.machines.key_text import digest_of, write_key
from commerce.values.errors import InvalidInput

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
DAY = timedelta(days=1)
ONE, TWO = UUID(int=1), UUID(int=2)
NEW = NewApiKey(write_key(os.urandom(32)), "warehouse", ("stock:read",), NOW, NOW + 90 * DAY)


def key(*further: Event) -> ApiKey:
    """A key that was issued now, after further events."""
    found = api_key.fold(in_stream([*api_key.issue(None, NEW), *further], ONE, after=0))
    assert found is not None
    return found


def replaced(ends_at: datetime) -> ApiKeyReplaced:
    return ApiKeyReplaced(service="warehouse", successor=TWO, ends_at=ends_at)


def test_a_key_is_issued_once_and_only_its_hash_is_on_record() -> None:
    (event,) = api_key.issue(None, NEW)
    assert isinstance(event, ApiKeyIssued)
    assert (event.service, event.scopes, event.digest) == ("warehouse", ("stock:read",), digest_of(NEW.key))
    assert NEW.key not in event.model_dump_json()
    with pytest.raises(ApiKeyExists):
        api_key.issue(key(), NEW)


@pytest.mark.parametrize("after", [timedelta(0), -DAY, 367 * DAY])
def test_a_key_has_an_end_that_is_to_come_and_not_too_far(after: timedelta) -> None:
    with pytest.raises(InvalidInput):
        api_key.issue(None, NewApiKey(NEW.key, "warehouse", ("stock:read",), NOW, NOW + after))


def test_a_key_is_good_until_its_time_is_over_or_it_is_revoked() -> None:
    assert key().is_good(NOW + 90 * DAY - timedelta(seconds=1))
    assert not key().is_good(NOW + 90 * DAY)
    assert not key(ApiKeyRevoked(service="warehouse")).is_good(NOW)


def test_a_key_that_is_replaced_is_good_beside_its_successor_until_the_stated_time() -> None:
    (event,) = api_key.replaced(key(), TWO, NOW + DAY, NOW)
    assert event == replaced(NOW + DAY)
    assert key(event).is_good(NOW + DAY - timedelta(seconds=1))
    assert not key(event).is_good(NOW + DAY)


def test_a_key_is_replaced_once_and_while_it_is_good() -> None:
    with pytest.raises(ApiKeyReplacedBefore, match=str(TWO)):
        api_key.replaced(key(replaced(NOW + DAY)), TWO, NOW + DAY, NOW)
    with pytest.raises(ApiKeyEnded):
        api_key.replaced(key(ApiKeyRevoked(service="warehouse")), TWO, NOW + DAY, NOW)
    with pytest.raises(ApiKeyEnded):
        api_key.replaced(key(), TWO, NOW + 91 * DAY, NOW + 90 * DAY)
    for ends_at in (NOW, NOW + 91 * DAY):
        with pytest.raises(InvalidInput):
            api_key.replaced(key(), TWO, ends_at, NOW)


def test_a_key_is_revoked_once_at_any_time() -> None:
    (event,) = api_key.revoke(key(replaced(NOW + DAY)))
    assert event == ApiKeyRevoked(service="warehouse")
    assert api_key.revoke(key(event)) == []
