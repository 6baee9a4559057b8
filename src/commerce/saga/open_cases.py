"""The cases that are open about an order, as its process keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from commerce.saga.case_events import CaseKind, CaseOpened
from commerce.values.money import Money


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What a person has to look at."""

    kind: CaseKind
    detail: str
    outlasts_undoing: bool = False
    """Whether it stays open when everything is undone."""
    about: str | None = None
    """What at the party it is about, where an order can have several of a kind."""
    amount: Money | None = None
    """The money at risk, where that is not the order's."""
    answer_by: datetime | None = None
    """Until when the party takes an answer."""


def with_case(cases: tuple[OpenCase, ...], event: CaseOpened) -> tuple[OpenCase, ...]:
    """The open cases with one more, in the place of an earlier one of its kind."""
    opened = OpenCase(event.kind, event.detail, event.outlasts_undoing, event.about, event.amount, event.answer_by)
    others = [one for one in cases if _place(one) != _place(opened)]
    return (*others, opened)


def _place(case: OpenCase) -> tuple[CaseKind, bool, str | None]:
    """What a later case takes the place of an earlier one by."""
    return case.kind, case.outlasts_undoing, case.about
