"""What makes the table of deadlines say what processes wait for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from commerce.saga.deadlines import deadline_statements
from commerce.saga.process import Deadline
from tests.unit.saga.inputs import ORDER, PROCESS, START, placed
from tests.unit.saga.scenario import given

PAST = START + timedelta(minutes=15)
LATER = PAST + timedelta(minutes=1)
BEGUN = given(placed()).process_now
REFUND = replace(BEGUN, refund_deadline=Deadline("refund", LATER))
ENDED = replace(BEGUN, deadline=None)


def test_each_process_that_moved_on_has_its_rows_cleared_and_set() -> None:
    other = replace(BEGUN, id=ORDER)
    gone, new = deadline_statements(
        [(BEGUN, BEGUN), (None, None), (None, BEGUN), (BEGUN, REFUND), (REFUND, BEGUN), (other, ENDED)]
    )
    assert gone.parameters == [[PROCESS, PROCESS], ["refund", "order"]]
    assert new.parameters == [[PROCESS, PROCESS], ["order", "refund"], [ORDER, ORDER], [PAST, LATER]]
    assert "DELETE" in gone.sql
    assert "INSERT" in new.sql


def test_where_nothing_moved_nothing_is_said() -> None:
    assert deadline_statements([(BEGUN, BEGUN), (None, None), (ENDED, ENDED), (None, ENDED)]) == []
