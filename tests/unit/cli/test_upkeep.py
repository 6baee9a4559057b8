"""How far a rebuild is, in words."""

from __future__ import annotations

import pytest

from commerce.cli.answers import Upkeep
from commerce.cli.upkeep import in_words


@pytest.mark.parametrize(
    ("status", "known", "words"),
    [
        ("waiting", {}, "waits for the projections worker"),
        ("running", {"rate": 15000.0, "seconds_left": 4.2}, "30,000 of 90,000, 15,000/s, 4 s left"),
        ("running", {"problem": "stopped after position 7"}, "30,000 of 90,000, stopped after position 7"),
        ("cancelled", {"rate": 10.0}, "30,000 of 90,000, 10/s, cancelled"),
    ],
)
def test_it_says_what_is_done_how_fast_and_how_long_it_takes(status: str, known: dict[str, float], words: str) -> None:
    seen = {"id": 1, "projection": "orders", "status": status, "done": 30_000, "total": 90_000, **known}
    assert in_words(Upkeep.model_validate(seen)) == words
