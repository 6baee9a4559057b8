"""A check and its result; checks run one after the other, within the time that the whole run has."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from workers.gateways.conformance.carrier_desk import CarrierDesk
from workers.gateways.conformance.exchange import Mismatch, NotOffered
from workers.gateways.conformance.payment_desk import PaymentDesk

CHECK_TIMEOUT_S = 60.0
"""For one check; each of its calls has the time that the gateway gives it (10 s or 5 s)."""

RUN_TIMEOUT_S = 300.0


AnyDesk = TypeVar("AnyDesk", bound=PaymentDesk | CarrierDesk)
Run = Callable[[AnyDesk], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ConformanceCheck(Generic[AnyDesk]):
    """`run` raises `Mismatch` where the party does not keep the rule, `NotOffered` where it need not."""

    name: str
    rule: str
    run: Run[AnyDesk]


class CheckList(list[ConformanceCheck[AnyDesk]]):
    """The checks of one kind of party, in the order in which they stand and run."""

    def check(self, name: str, rule: str) -> Callable[[Run[AnyDesk]], Run[AnyDesk]]:
        """Add the function that follows as a check."""

        def added(run: Run[AnyDesk]) -> Run[AnyDesk]:
            self.append(ConformanceCheck(name, rule, run))
            return run

        return added


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found; of one that failed, what was asked and answered last, and what is right."""

    name: str
    rule: str
    result: Literal["ok", "failed", "skipped"]
    asked: str = ""
    answered: str = ""
    right: str = ""


async def results(
    checks: Sequence[ConformanceCheck[AnyDesk]], desk: AnyDesk, run_timeout_s: float = RUN_TIMEOUT_S
) -> AsyncIterator[CheckResult]:
    """Run every check, and close the desk; one that the run has no time left for has failed."""
    ends_at = time.monotonic() + run_timeout_s
    async with desk:
        for check in checks:
            left_s = ends_at - time.monotonic()
            if left_s > 0:
                yield await _result(check, desk, min(left_s, CHECK_TIMEOUT_S))
            else:
                right = f"all checks done within {run_timeout_s:g} s"
                yield CheckResult(check.name, check.rule, "failed", "nothing", "nothing", right)


async def _result(check: ConformanceCheck[AnyDesk], desk: AnyDesk, timeout_s: float) -> CheckResult:
    caller = desk.caller
    try:
        async with asyncio.timeout(timeout_s):
            await check.run(desk)
    except NotOffered as error:
        return CheckResult(check.name, check.rule, "skipped", answered=str(error))
    except Mismatch as error:
        asked, answered = error.asked or caller.asked, error.answered or caller.answered
        return CheckResult(check.name, check.rule, "failed", asked, answered, error.right)
    except TimeoutError:
        right = f"all answers of this check within {timeout_s:.0f} s"
        return CheckResult(check.name, check.rule, "failed", caller.asked, caller.answered, right)
    return CheckResult(check.name, check.rule, "ok")
