"""A breaker opens when different orders fail one after the other, tries one call at a time, and closes after some."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from commerce.outside.breaker import Breaker, BreakerState
from commerce.outside.errors import PartyDown, PartyUnavailable, Postponed, RequestRejected, TryAgain
from commerce.outside.policy import CallPolicy

POLICY = CallPolicy(timeout_s=1.0, breaker_failures=3)
DOWN = "the payment provider gave no answer in time"


class Clock:
    """Time that a test moves on."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("payment provider", "authorize", POLICY, clock)


def doing(error: Exception | None = None) -> Callable[[], Awaitable[str]]:
    async def work() -> str:
        if error is not None:
            raise error
        return "done"

    return work


async def fails(breaker: Breaker, order_id: UUID | None = None) -> None:
    with pytest.raises(PartyDown):
        await breaker.call(order_id or uuid4(), doing(PartyDown(DOWN)))


async def succeeds(breaker: Breaker) -> None:
    assert await breaker.call(uuid4(), doing()) == "done"


async def is_put_off(breaker: Breaker) -> Postponed:
    async def never() -> str:
        pytest.fail("no call is made while it is open")

    with pytest.raises(Postponed) as raised:
        await breaker.call(uuid4(), never)
    return raised.value


async def opened(breaker: Breaker) -> None:
    for _ in range(POLICY.breaker_failures):
        assert breaker.is_closed
        await fails(breaker)
    assert breaker.state is BreakerState.OPEN


async def test_it_opens_when_as_many_orders_as_it_takes_fail_within_the_window(breaker: Breaker, clock: Clock) -> None:
    for _ in range(POLICY.breaker_failures - 1):
        await fails(breaker)
        clock.now_s += 4.9
    await fails(breaker)
    assert (breaker.state, breaker.reason, breaker.openings) == (BreakerState.OPEN, DOWN, 1)
    put_off = await is_put_off(breaker)
    assert put_off.cause == "unavailable"
    assert put_off.pause_s == POLICY.breaker_pause_s


async def test_failures_further_apart_than_the_window_do_not_open_it(breaker: Breaker, clock: Clock) -> None:
    for _ in range(10):
        await fails(breaker)
        clock.now_s += 6
    assert breaker.is_closed


async def test_one_order_counts_once_however_often_it_fails(breaker: Breaker, clock: Clock) -> None:
    order = uuid4()
    for _ in range(50):
        await fails(breaker, order)
        clock.now_s += 1
    assert breaker.is_closed


async def test_an_answer_in_between_begins_the_count_anew(breaker: Breaker) -> None:
    for _ in range(10):
        await fails(breaker)
        await fails(breaker)
        await succeeds(breaker)
    with pytest.raises(RequestRejected):
        await breaker.call(uuid4(), doing(RequestRejected("no", "no")))
    assert breaker.is_closed


@pytest.mark.parametrize(
    "error", [PartyUnavailable("answered 503"), Postponed("busy", "busy"), TryAgain("the stream moved")]
)
async def test_what_is_the_orders_own_fault_or_nobodys_does_not_count(breaker: Breaker, error: Exception) -> None:
    for _ in range(10):
        with pytest.raises(type(error)):
            await breaker.call(uuid4(), doing(error))
    assert breaker.is_closed


async def is_unanswered(breaker: Breaker, order_id: UUID, error: type[Exception]) -> None:
    """A call for an order has no answer, while the party answers questions; it ends with just this error."""

    async def work() -> str:
        breaker.note_trouble(order_id)
        raise PartyUnavailable("answered 503")

    with pytest.raises(PartyUnavailable) as raised:
        await breaker.call(order_id, work)
    assert type(raised.value) is error


async def test_a_few_orders_at_once_fail_by_their_own_fault_and_many_by_the_partys(breaker: Breaker) -> None:
    orders = [uuid4() for _ in range(5)]
    for order in orders[:4] * 3:
        await is_unanswered(breaker, order, PartyUnavailable)
    assert breaker.is_closed
    await is_unanswered(breaker, orders[4], PartyDown)
    assert (breaker.state, breaker.openings) == (BreakerState.OPEN, 1)


async def test_orders_that_fail_further_apart_than_the_window_or_while_others_are_answered_are_at_fault_themselves(
    breaker: Breaker, clock: Clock
) -> None:
    for _ in range(20):
        await is_unanswered(breaker, uuid4(), PartyUnavailable)
        clock.now_s += 2.6
    for _ in range(20):
        await is_unanswered(breaker, uuid4(), PartyUnavailable)
        await succeeds(breaker)
    assert breaker.is_closed


async def test_attempts_under_way_count_before_their_calls_have_failed(breaker: Breaker) -> None:
    for _ in range(4):
        breaker.note_trouble(uuid4())
    await is_unanswered(breaker, uuid4(), PartyDown)
    assert breaker.state is BreakerState.OPEN


async def test_while_all_fail_new_orders_open_it_again_and_those_that_failed_before_leave_their_turn(
    breaker: Breaker, clock: Clock
) -> None:
    orders = [uuid4() for _ in range(5)]
    for order in orders:
        breaker.note_trouble(order)
    await is_unanswered(breaker, orders[0], PartyDown)
    for openings in range(2, 5):
        clock.now_s += 60
        for order in orders:
            await is_unanswered(breaker, order, PartyDown)
        assert breaker.state is BreakerState.HALF_OPEN, "those that failed before say nothing new"
        for _ in range(4):
            await is_unanswered(breaker, uuid4(), PartyDown)
        assert breaker.state is BreakerState.HALF_OPEN, "a few may fail by their own fault"
        await is_unanswered(breaker, uuid4(), PartyDown)
        assert (breaker.state, breaker.openings) == (BreakerState.OPEN, openings)
    clock.now_s += 60
    await succeeds(breaker)
    await is_unanswered(breaker, orders[0], PartyUnavailable)
    for _ in range(POLICY.breaker_successes - 1):
        await succeeds(breaker)
    assert breaker.is_closed


async def test_broken_cards_that_come_while_calls_are_paused_do_not_keep_them_paused(
    breaker: Breaker, clock: Clock
) -> None:
    for order in [uuid4() for _ in range(5)]:
        breaker.note_trouble(order)
    await is_unanswered(breaker, uuid4(), PartyDown)
    for _ in range(3):
        clock.now_s += 60
        for _ in range(3):
            await is_unanswered(breaker, uuid4(), PartyDown)
        await succeeds(breaker)
        for _ in range(4):
            await is_unanswered(breaker, uuid4(), PartyUnavailable)
    assert (breaker.is_closed, breaker.openings) == (True, 1)


async def test_after_the_pause_one_call_at_a_time_is_made_and_three_answers_close_it(
    breaker: Breaker, clock: Clock
) -> None:
    await opened(breaker)
    assert breaker.is_paused
    clock.now_s += 59.9
    await is_put_off(breaker)
    clock.now_s += 0.2
    assert (breaker.state, breaker.is_paused) == (BreakerState.HALF_OPEN, False)
    under_way = most = 0

    async def work() -> str:
        nonlocal under_way, most
        assert breaker.is_closed or breaker.is_paused, "nothing more is taken while a probe is under way"
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return "done"

    answers = [breaker.call(uuid4(), work) for _ in range(POLICY.breaker_successes)]
    assert await asyncio.gather(*answers) == ["done"] * 3
    assert most == 1
    assert breaker.is_closed
    await succeeds(breaker)


@pytest.mark.parametrize("successes", [0, 1, 2])
async def test_one_probe_that_fails_opens_it_again_for_the_whole_pause(
    breaker: Breaker, clock: Clock, successes: int
) -> None:
    await opened(breaker)
    clock.now_s += 60
    for _ in range(successes):
        await succeeds(breaker)
        assert not breaker.is_closed
    await fails(breaker)
    assert (breaker.state, breaker.openings) == (BreakerState.OPEN, 2)
    clock.now_s += 59
    await is_put_off(breaker)
    clock.now_s += 1
    for _ in range(POLICY.breaker_successes):
        assert not breaker.is_closed
        await succeeds(breaker)
    assert breaker.is_closed


async def test_a_probe_that_says_nothing_about_the_party_leaves_its_turn_to_another(
    breaker: Breaker, clock: Clock
) -> None:
    await opened(breaker)
    clock.now_s += 60
    for _ in range(10):
        with pytest.raises(PartyUnavailable):
            await breaker.call(uuid4(), doing(PartyUnavailable("answered 503")))
    assert breaker.state is BreakerState.HALF_OPEN
    for _ in range(POLICY.breaker_successes):
        await succeeds(breaker)
    assert breaker.is_closed


async def test_those_that_wait_for_a_probe_are_put_off_once_it_fails(breaker: Breaker, clock: Clock) -> None:
    await opened(breaker)
    clock.now_s += 60
    began = asyncio.Event()

    async def probe() -> str:
        began.set()
        await asyncio.sleep(0.01)
        raise PartyDown(DOWN)

    probing = asyncio.create_task(breaker.call(uuid4(), probe))
    await began.wait()
    waiting = [asyncio.create_task(is_put_off(breaker)) for _ in range(5)]
    with pytest.raises(PartyDown):
        await probing
    for put_off in await asyncio.gather(*waiting):
        assert put_off.pause_s == POLICY.breaker_pause_s


async def test_a_cancelled_probe_gives_its_turn_back(breaker: Breaker, clock: Clock) -> None:
    await opened(breaker)
    clock.now_s += 60
    probing = asyncio.create_task(breaker.call(uuid4(), asyncio.Event().wait))
    await asyncio.sleep(0)
    probing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probing
    assert not breaker.is_paused
    for _ in range(POLICY.breaker_successes):
        await succeeds(breaker)
    assert breaker.is_closed


async def test_calls_that_time_out_while_others_are_answered_do_not_open_it(breaker: Breaker) -> None:
    go_on = asyncio.Event()

    async def slow() -> str:
        await go_on.wait()
        raise PartyDown(DOWN)

    under_way = [asyncio.create_task(breaker.call(uuid4(), slow)) for _ in range(20)]
    await asyncio.sleep(0)
    await succeeds(breaker)
    go_on.set()
    failed = await asyncio.gather(*under_way, return_exceptions=True)
    assert {type(error) for error in failed} == {PartyDown}
    assert breaker.is_closed
    await opened(breaker)


async def test_calls_that_were_under_way_when_it_opened_change_nothing(breaker: Breaker, clock: Clock) -> None:
    go_on = asyncio.Event()

    async def slow() -> str:
        await go_on.wait()
        raise PartyDown(DOWN)

    under_way = [asyncio.create_task(breaker.call(uuid4(), slow)) for _ in range(20)]
    await asyncio.sleep(0)
    await opened(breaker)
    clock.now_s += 30
    go_on.set()
    await asyncio.gather(*under_way, return_exceptions=True)
    assert breaker.openings == 1
    assert breaker.pause_left_s == pytest.approx(30)
