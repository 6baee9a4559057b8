"""How far a rebuild is, in words."""

from __future__ import annotations

import pytest

from commerce.cli.client.answers import MaintenanceAnswer
from commerce.cli.client.maintenance import in_words
from commerce.cli.client.verify import lines_of_job


@pytest.mark.parametrize(
    ("status", "known", "words"),
    [
        ("waiting", {}, "waits for the projections worker"),
        ("running", {"rate": 15000.0, "seconds_left": 4.2}, "30,000 of 90,000, 15,000/s, 4 s left"),
        ("running", {"problem": "stopped after position 7"}, "30,000 of 90,000, stopped after position 7"),
        ("failed", {"problem": "stands still"}, "30,000 of 90,000, failed, stands still"),
        ("cancelled", {"rate": 10.0}, "30,000 of 90,000, 10/s, cancelled"),
    ],
)
def test_it_says_what_is_done_how_fast_and_how_long_it_takes(status: str, known: dict[str, float], words: str) -> None:
    seen = {"id": 1, "projection": "orders", "status": status, "done": 30_000, "total": 90_000, **known}
    assert in_words(MaintenanceAnswer.model_validate(seen)) == words


@pytest.mark.parametrize(
    ("status", "known", "lines"),
    [
        ("done", {}, ["orders: every row is what the log says"]),
        (
            "done",
            {"differing": 2, "differences": [{"key": "1", "kind": "differs", "fields": ["status"]}]},
            ["orders: 2 rows differ from the log", "  1: differs in status", "  and 1 more"],
        ),
        (
            "failed",
            {
                "problem": "orders:1 stands still",
                "differing": 1,
                "differences": [{"key": "1", "kind": "missing", "fields": []}],
            },
            ["orders: orders:1 stands still", "orders: 1 rows differ from the log", "  1: missing"],
        ),
        ("failed", {"problem": "orders:1 stands still"}, ["orders: orders:1 stands still"]),
        ("cancelled", {}, ["orders: cancelled"]),
    ],
)
def test_a_verification_calls_right_only_what_is(status: str, known: dict[str, object], lines: list[str]) -> None:
    seen = MaintenanceAnswer.model_validate(
        {"id": 1, "projection": "orders", "status": status, "done": 9, "total": 9, **known}
    )
    assert seen.ended
    assert lines_of_job(seen) == lines
