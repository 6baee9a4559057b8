"""`commerce parked`: what is bad use; nothing is asked of a system then."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.cli.client.parked import parked
from commerce.values.errors import BadUsage

GROUP = "0123456789ab"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reason": "why"}, "say what is to be done"),
        ({"topic": ""}, "say what is to be done"),
        ({"retry": True}, "needs a group and a --reason"),
        ({"retry": True, "discard": True, "reason": "why"}, "not possible together"),
        ({"retry": True, "topic": "a.B", "reason": "why"}, "--topic goes with --edit"),
        ({"retry": True, "reason": "why", "by": "a\nb"}, "--by is empty"),
        ({"edit": "[1]", "reason": "why"}, "takes a JSON object"),
        ({"edit": '{"quantity": 1, "quantity": 5}', "reason": "why"}, "the key 'quantity' stands twice"),
        ({"edit": '{"quantity": NaN}', "reason": "why"}, "NaN is not JSON"),
        ({"edit": '{"quantity": 1e999}', "reason": "why"}, "greater than a number can be"),
        ({"edit": '{"name": "\\ud800"}', "reason": "why"}, "cannot be read as JSON"),
        ({"edit": '{"name": "\udce9"}', "reason": "why"}, "takes a JSON object"),
        ({"edit": '{"a":' + "[" * 100_000, "reason": "why"}, "cannot be read as JSON"),
    ],
)
def test_what_makes_no_sense_is_bad_use(given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadUsage, match=said):
        parked(GROUP, **given)
