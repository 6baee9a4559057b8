"""The process of all workers has one of each kind, and shows the metrics of each under its name."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, generate_latest

from commerce.cli.system.system_process import WORKERS
from workers.all_workers import MEMBERS
from workers.runtime.app import WorkerApp
from workers.runtime.shared_process import MembersCollector


def test_there_is_one_worker_of_each_kind() -> None:
    assert sorted(member.name for member in MEMBERS) == sorted(WORKERS)


def test_metrics_of_the_same_name_are_told_apart_and_those_of_the_process_come_once() -> None:
    members = [WorkerApp("saga"), WorkerApp("relay")]
    for number, member in enumerate(members):
        Counter("shown", "Of the test.", registry=member.registry).inc(number)
    registry = CollectorRegistry()
    registry.register(MembersCollector(members))
    text = generate_latest(registry).decode()
    assert text.count("# TYPE shown_total counter") == 1
    assert 'shown_total{worker="saga"} 0.0' in text
    assert 'shown_total{worker="relay"} 1.0' in text
    assert "process_" not in text
