"""A webhook endpoint is added once, told or not told, and its secrets overlap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from commerce.eventstore import Event, Sealed, SealedSecret, in_stream
from commerce.values.errors import InvalidInput
from commerce.webhooks import endpoint as endpoints
from commerce.webhooks.endpoint import Endpoint, EndpointExists, EndpointNotEnabled, EndpointTerms, NewSecret
from commerce.webhooks.events import EndpointDisabled, EndpointEnabled, EndpointRemoved, SecretRotated

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
ONE = UUID(int=1)
TERMS = EndpointTerms("https://erp.example/hooks", ("ordering.OrderConfirmed",), Sealed("v1.sealed"))
FIRST, SECOND = SealedSecret(Sealed("first")), SealedSecret(Sealed("second"))


def endpoint(*further: Event) -> Endpoint:
    """An endpoint that was added, after further events."""
    found = endpoints.fold(in_stream([*endpoints.add([], TERMS, FIRST), *further], ONE, after=0))
    assert found is not None
    return found


def test_an_endpoint_is_added_once_and_changed_when_something_changes() -> None:
    present = endpoint()
    assert (present.terms, present.secret, present.disabled) == (TERMS, FIRST, None)
    with pytest.raises(EndpointExists):
        endpoints.add([EndpointEnabled()], TERMS, FIRST)
    assert endpoints.change(present, TERMS) == []
    other = EndpointTerms("https://erp.example/other", ())
    assert endpoint(*endpoints.change(present, other)).terms == other


def test_the_secret_before_is_kept_until_a_time_that_is_to_come_and_not_too_far() -> None:
    (event,) = endpoints.rotate(endpoint(), NewSecret(SECOND, NOW, NOW + timedelta(days=1)))
    rotated = endpoint(event)
    assert isinstance(event, SecretRotated)
    assert (rotated.secret, rotated.previous_secret) == (SECOND, FIRST)
    assert rotated.previous_until == NOW + timedelta(days=1)
    for wrong in (-timedelta(seconds=1), timedelta(days=31)):
        with pytest.raises(InvalidInput):
            endpoints.rotate(endpoint(), NewSecret(SECOND, NOW, NOW + wrong))


def test_an_endpoint_that_is_disabled_is_enabled_before_anything_is_replayed() -> None:
    disabled = endpoint(*endpoints.disable(endpoint(), "gone"))
    assert disabled.disabled == "gone"
    assert endpoints.disable(disabled, "failing") == []
    for replay in (endpoints.replay, endpoints.replay_delivery):
        with pytest.raises(EndpointNotEnabled):
            replay(disabled, 7)
        assert len(replay(endpoint(), 7)) == 1
    assert endpoints.enable(endpoint()) == []
    assert endpoint(EndpointDisabled(reason="gone"), *endpoints.enable(disabled)).disabled is None


def test_an_endpoint_that_was_removed_is_none() -> None:
    (event,) = endpoints.remove(endpoint())
    assert isinstance(event, EndpointRemoved)
    assert endpoints.fold(in_stream([*endpoints.add([], TERMS, FIRST), event], ONE, after=0)) is None
    assert endpoints.remove(None) == []
