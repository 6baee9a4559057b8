"""What an order waits for, and what a person has to decide about it, in the language of who asks."""

from __future__ import annotations

from dataclasses import replace

from commerce.audit.languages import ToldLanguage
from commerce.audit.remarks import told_remark
from projections.processes import CaseView, ProcessView


def told_process(view: ProcessView, language: ToldLanguage) -> ProcessView:
    """A process in a language."""
    return replace(
        view,
        waiting_for=_told(view.waiting_for, language),
        next=_told(view.next, language),
        case=_told(view.case, language),
        why=_told(view.why, language),
        steps=[replace(step, what=told_remark(step.what, language)) for step in view.steps],
    )


def told_case(view: CaseView, language: ToldLanguage) -> CaseView:
    """A case in a language."""
    return replace(
        view,
        detail=told_remark(view.detail, language),
        waiting_for=_told(view.waiting_for, language),
        further=[replace(one, detail=told_remark(one.detail, language)) for one in view.further],
    )


def _told(remark: str | None, language: ToldLanguage) -> str | None:
    return remark and told_remark(remark, language)
