"""`commerce refund`: what is bad use, and what a refund looks like on a line."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.cli.client.answers import RefundAnswer
from commerce.cli.client.refund import line_of_refund, refund_order
from commerce.values.errors import BadUsage

ORDER = "3f0e4c6e-8f4b-5a0e-9d57-0a4c2f1b7d11"
REFUND = {"refund_id": ORDER, "amount": {"amount": "5.00", "currency": "EUR"}, "status": "requested"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reason": "why"}, "say how much"),
        ({"amount": "5.00", "line": ["1:1"], "reason": "why"}, "either"),
        ({"amount": "5.00"}, "say why"),
        ({"line": ["one"], "reason": "why"}, "LINE:PIECES"),
        ({"key": "again"}, "say how much"),
        ({"amount": "5.00", "reason": "why", "key": ""}, "--key is 1 to 255"),
        ({"amount": "5.00", "reason": "why", "key": "é"}, "--key is 1 to 255"),
        ({"amount": "5.00", "reason": "why", "key": "a\nb"}, "--key is 1 to 255"),
        ({"amount": "5.00", "reason": "why", "by": ""}, "--by is empty"),
        ({"by": "a\nb"}, "--by is empty"),
    ],
)
def test_what_makes_no_sense_is_bad_use(given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadUsage, match=said):
        refund_order(ORDER, **given)


def test_a_refund_is_told_on_a_line() -> None:
    assert line_of_refund(RefundAnswer.model_validate(REFUND)) == f"{ORDER}        5.00 EUR  requested"
    failed = {"status": "failed", "failure": "no", "requested_by": "operator:anna", "reason": "torn"}
    told = line_of_refund(RefundAnswer.model_validate(REFUND | failed))
    assert told.endswith("failed: no  operator:anna  torn")
