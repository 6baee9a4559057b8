"""What caused what, as rows in columns."""

from __future__ import annotations

from typing import Any

from api.console.causation import COLUMN_PIXELS, arrow, event_rows


def caused(position: int, topic: str, *followed: dict[str, Any]) -> dict[str, Any]:
    return {"event": {"position": position, "topic": topic}, "seconds_after_cause": 0.5, "caused": list(followed)}


def asked(actor: str, *roots: dict[str, Any]) -> dict[str, Any]:
    return {"actor": actor, "who": None, "request_id": f"by-{actor}", "caused": list(roots)}


TRACE = {
    "requests": [
        asked(
            "operator:anna",
            caused(
                1,
                "ordering.OrderPlaced",
                caused(2, "saga.Started"),
                caused(3, "saga.StockReservationRequested", caused(5, "inventory.ReservationConfirmed")),
                caused(4, "saga.DeadlineSet"),
            ),
        ),
        asked("operator:bob", caused(6, "shipping.Dispatched")),
    ]
}


def test_what_goes_on_stands_under_its_cause_and_what_branches_off_is_indented() -> None:
    rows = event_rows(TRACE, 10)
    assert [(row.event["position"], row.depth, row.cause) for row in rows] == [
        (1, 0, None),
        (2, 1, 0),
        (3, 0, 0),
        (5, 0, 2),
        (4, 1, 0),
        (6, 0, None),
    ]
    assert [row.begins for row in rows] == [True, False, False, False, False, True]
    assert (rows[3].actor, rows[3].request_id, rows[5].actor) == ("operator:anna", "by-operator:anna", "operator:bob")


def test_an_event_has_the_column_of_its_part_and_an_arrow_from_its_cause() -> None:
    placed, started, reserve, reserved, *_ = event_rows(TRACE, 10)
    assert [(row.x - COLUMN_PIXELS // 2) // COLUMN_PIXELS for row in (placed, started, reserve, reserved)] == [
        0,
        1,
        1,
        2,
    ]
    assert arrow(started, placed).startswith(f"M{placed.x},{placed.y} ")
    assert arrow(started, placed).endswith(f"{started.x - 7},{started.y}")


def test_a_long_trace_is_cut() -> None:
    assert len(event_rows(TRACE, 3)) == 3
