"""What the processes of a system are told that starts on one machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from commerce.cli.system.signals import signals_wake
from commerce.cli.system.startup import LocalSystem
from commerce.runtime.settings import Settings

ELSEWHERE = "https://shop.example/console/invitation"


@pytest.mark.parametrize(
    ("given", "told"), [(None, "http://127.0.0.1:18123/console/invitation"), (ELSEWHERE, ELSEWHERE)]
)
def test_mails_lead_staff_to_the_console_of_the_system_unless_the_settings_say_elsewhere(
    tmp_path: Path, given: str | None, told: str
) -> None:
    settings = Settings(home=tmp_path, api_port=18123, staff_url=given)
    with signals_wake() as wakeup:
        system = LocalSystem(settings, wakeup, print)
    system._know_api(system._api_process(1))
    assert system._environment("notifications")["COMMERCE_STAFF_URL"] == told
