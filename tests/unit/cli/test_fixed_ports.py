"""Where a process's health and metrics are, start after start."""

from __future__ import annotations

import pytest

from commerce.cli.system.system_process import API, PORTS_PER_REPLICA, SIMULATORS, WORKERS, fixed_port
from commerce.runtime.settings import environment_settings
from commerce.values.errors import BadUsage


def test_without_the_setting_ports_are_free_ones() -> None:
    assert fixed_port("saga", None) is None


def test_each_process_has_a_port_of_its_own_and_keeps_it() -> None:
    names = [f"{name}{number}" for name in (*WORKERS, *SIMULATORS, API) for number in ("", "-2", "-32")]
    ports = [fixed_port(name, 9100) for name in names]
    assert len(set(ports)) == len(names)
    assert (fixed_port("saga", 9100), fixed_port("inventory", 9100)) == (9100, 9101)
    assert fixed_port("saga-2", 9100) == 9100 + PORTS_PER_REPLICA


@pytest.mark.parametrize("value", ["0", "65000", "many"])
def test_a_base_that_makes_no_sense_is_rejected_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("COMMERCE_WORKER_PORT_BASE", value)
    with pytest.raises(BadUsage, match="COMMERCE_WORKER_PORT_BASE"):
        environment_settings()
