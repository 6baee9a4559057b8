"""How long a process waits, by the settings of an operator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from commerce.runtime.settings import Settings
from commerce.saga.limits import ProcessLimits
from commerce.saga.request_events import StepName
from commerce.values.errors import BadUsage


def process_limits(settings: Settings) -> ProcessLimits:
    """The limits that the settings say. Raises `BadUsage`, naming the variable, for limits that contradict each
    other."""
    given: Mapping[StepName, int | None] = {
        "stock": settings.stock_timeout_s,
        "authorization": settings.authorization_timeout_s,
        "shipment": settings.shipment_timeout_s,
        "capture": settings.capture_timeout_s,
    }
    for step, seconds in given.items():
        if seconds is not None and seconds > settings.order_timeout_s:
            raise BadUsage(
                f"COMMERCE_{step.upper()}_TIMEOUT_S: {seconds} s are more than the whole order has"
                f" (COMMERCE_ORDER_TIMEOUT_S: {settings.order_timeout_s} s)"
            )
    if settings.compensation_timeout_s > settings.compensation_longest_timeout_s:
        raise BadUsage(
            f"COMMERCE_COMPENSATION_TIMEOUT_S: {settings.compensation_timeout_s} s are more than"
            f" COMMERCE_COMPENSATION_LONGEST_TIMEOUT_S: {settings.compensation_longest_timeout_s} s"
        )
    return ProcessLimits(
        order=timedelta(seconds=settings.order_timeout_s),
        compensation=timedelta(seconds=settings.compensation_timeout_s),
        longest=timedelta(seconds=settings.compensation_longest_timeout_s),
        steps={step: timedelta(seconds=seconds) for step, seconds in given.items() if seconds is not None},
        hold_margin=timedelta(seconds=settings.hold_margin_s),
        dispatch=timedelta(seconds=settings.dispatch_timeout_s) if settings.dispatch_timeout_s else None,
    )
