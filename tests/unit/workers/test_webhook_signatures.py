"""Deliveries are signed as Standard Webhooks has it, and are tried again ever more seldom for three days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import accumulate
from uuid import UUID

from commerce.eventstore import Sealed
from workers.webhook_deliveries.queue import TakenDelivery
from workers.webhook_deliveries.schedule import GIVE_UP_AFTER_S, pause_s
from workers.webhook_deliveries.sender import headers_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime.fromtimestamp(1614265330, UTC)


def delivery(now: datetime) -> TakenDelivery:
    """The message of the vector that the implementations of the specification share."""
    sealed = Sealed("")
    return TakenDelivery(
        UUID(int=1),
        1,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        '{"test": 2432232314}',
        0,
        "https://a.example",
        sealed,
        None,
        now,
    )


def test_the_vector_of_the_specification_comes_out() -> None:
    for now in (AT, AT.astimezone(timezone(timedelta(hours=5)))):
        headers = headers_of(delivery(now), [SECRET])
        assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
        assert headers["webhook-timestamp"] == "1614265330"
        assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_make_two_signatures_with_a_space_between() -> None:
    first, second = headers_of(delivery(AT), [SECRET, "whsec_b3RoZXI="])["webhook-signature"].split(" ")
    assert first.startswith("v1,")
    assert second.startswith("v1,")
    assert first != second


def test_pauses_double_from_five_seconds_to_four_hours_until_three_days_are_over() -> None:
    pauses = [pause_s(failures) for failures in range(1, 60)]
    assert pauses[:4] == [5, 10, 20, 40]
    assert max(pauses) == 4 * 3600
    tries = sum(since <= GIVE_UP_AFTER_S for since in accumulate(pauses))
    assert 25 <= tries <= 35
    assert pause_s(1, 60.0) == 60
    assert pause_s(30, 60.0) == 4 * 3600
