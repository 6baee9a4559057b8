"""`commerce cases`: what is listed, on a line each, and what is bad use."""

from __future__ import annotations

import pytest

from commerce.cli.client.answers import CaseAnswer
from commerce.cli.client.cases import decide_cases, line_of_case, told_age
from commerce.values.errors import BadUsage

ORDER = "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"
CASE = {
    "order_id": ORDER,
    "kind": "undo_rejected",
    "detail": "the payment provider does not let the money go",
    "since": "2026-11-23T14:05:00Z",
    "age_s": 7300,
    "stage": "compensating",
    "money_at_risk": {"amount": "17.80", "currency": "EUR"},
    "owner": "anna",
    "note": "asked them",
    "actions": ["retry", "skip"],
}


def test_a_case_is_told_on_a_line() -> None:
    line = line_of_case(CaseAnswer.model_validate(CASE))
    for part in (ORDER, "undo_rejected", "17.80 EUR", "2 h", "anna", "let the money go [asked them] -> retry, skip"):
        assert part in line
    further = CaseAnswer.model_validate(CASE | {"further": [{"kind": "undo_unfinished"}]})
    assert "money go (and undo_unfinished) [asked them] ->" in line_of_case(further)
    assert "nobody" in line_of_case(CaseAnswer.model_validate(CASE | {"owner": None, "note": None}))


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7_199, "119 min"), (172_800, "2 d")]
)
def test_an_age_is_told_in_its_largest_unit(seconds: int, said: str) -> None:
    assert told_age(seconds) == said


def test_what_makes_no_sense_is_bad_use() -> None:
    with pytest.raises(BadUsage, match="one thing at a time"):
        decide_cases(ORDER, retry="why", skip="why")
    with pytest.raises(BadUsage, match="of which order"):
        decide_cases(retry="why")
    with pytest.raises(BadUsage, match="--dry-run goes with"):
        decide_cases(ORDER, note="why", dry_run=True)
    with pytest.raises(BadUsage, match="--request goes with"):
        decide_cases(ORDER, resolve="why", request="void")
    with pytest.raises(BadUsage, match="--as is one of"):
        decide_cases(ORDER, resolve="why", resolution="whatever")
    with pytest.raises(BadUsage, match="go with --resolve"):
        decide_cases(ORDER, note="why", reference="SEPA 17")
    with pytest.raises(BadUsage, match="go with --resolve"):
        decide_cases(ORDER, resolution="written_off")
    with pytest.raises(BadUsage, match="is neither an order's number"):
        decide_cases("whichever")
    with pytest.raises(BadUsage, match="--by is empty"):
        decide_cases(ORDER, by=" ")
