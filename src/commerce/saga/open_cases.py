"""The cases that are open about an order, as its process keeps them."""

from __future__ import annotations

from dataclasses import dataclass

from commerce.saga.case_events import CaseKind, CaseOpened


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What a person has to look at."""

    kind: CaseKind
    detail: str
    outlasts_undoing: bool = False
    """Whether it stays open when everything is undone."""


def with_case(cases: tuple[OpenCase, ...], event: CaseOpened) -> tuple[OpenCase, ...]:
    """The open cases with one more, in the place of an earlier one of its kind."""
    opened = OpenCase(event.kind, event.detail, event.outlasts_undoing)
    others = [one for one in cases if (one.kind, one.outlasts_undoing) != (opened.kind, opened.outlasts_undoing)]
    return (*others, opened)
