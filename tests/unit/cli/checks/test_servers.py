"""What the doctor thinks of what it saw in the database and at the broker."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commerce.cli.checks.broker import STREAMS, BrokerServer, judge_jetstream, judge_servers
from commerce.cli.checks.personal_data import judge_keys
from commerce.cli.checks.privileges import (
    judge_functions,
    judge_limits,
    judge_ownership,
    judge_tables,
)
from commerce.cli.checks.schema import judge_events, judge_migrations, judge_missing_tables
from commerce.cli.checks.server import judge_clock, judge_durability, judge_sessions, judge_version
from commerce.cli.checks.subscriptions import WORKERS, Standing, judge_subscriptions
from commerce.cli.checks.waits import judge_deadlines, judge_requests
from commerce.cli.checks.workers import KINDS, judge_code, judge_workers
from commerce.eventstore import APPLICATION_ROLE, SchemaState
from commerce.runtime.heartbeats import Worker
from commerce.runtime.master_key import MasterKey
from commerce.shipping.shipment import ShippingOperation
from workers import inventory, notifications, payments, relay, saga, shipping, webhooks
from workers.outbox.broker import stream_configs
from workers.outbox.refill import LONGEST_RESEND_S, LOOK_INTERVAL_S, RESEND_AFTER_S
from workers.runtime.party_worker import durable_of


def test_a_server_that_may_lose_what_it_acknowledged_is_a_problem() -> None:
    assert list(judge_durability({"fsync": "on", "full_page_writes": "on", "synchronous_commit": "remote_apply"})) == []
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        (found,) = judge_durability({name: "off"})
        assert (found.level, found.remedy) == ("problem", f"set {name} = on")


def test_an_old_server_is_a_problem() -> None:
    assert list(judge_version(150_000)) == []
    (found,) = judge_version(140_011)
    assert (found.level, found.text) == ("problem", "PostgreSQL 14 is too old")


@pytest.mark.parametrize(
    ("usable", "used", "processes", "level"),
    [(297, 40, 8, "ok"), (97, 40, 8, "warning"), (97, 95, 8, "problem"), (20, 3, 0, "ok")],
)
def test_sessions_have_to_suffice_for_every_process(usable: int, used: int, processes: int, level: str) -> None:
    assert judge_sessions(usable=usable, used=used, processes=processes).level == level


@pytest.mark.parametrize(
    ("ahead", "uncertainty", "level"),
    [(0.3, 0.01, "ok"), (-5.0, 0.01, "warning"), (5.0, 8.0, "ok"), (3600.0, 0.0, "problem"), (-3600.0, 0.0, "problem")],
)
def test_clocks_that_differ_are_noticed_beyond_what_the_network_takes(
    ahead: float, uncertainty: float, level: str
) -> None:
    found = judge_clock(ahead, uncertainty)
    assert found.level == level
    assert level == "ok" or ("ahead of" if ahead > 0 else "behind") in found.text


def test_privileges_that_lack_or_are_too_many_are_named_table_by_table() -> None:
    wanted = {"commerce_events": frozenset(("SELECT",)), "commerce_keys": frozenset(("SELECT", "DELETE"))}
    assert list(judge_tables("app", wanted, wanted)) == []
    held = {"commerce_events": frozenset(("INSERT", "TRUNCATE")), "commerce_else": frozenset(("INSERT",))}
    missing, surplus = judge_tables("app", held, wanted)
    assert missing.text == "app has no SELECT on commerce_events"
    assert surplus.text == "app has INSERT, TRUNCATE on commerce_events: what stands in the log could be changed"
    assert surplus.remedy.startswith("REVOKE INSERT, TRUNCATE ON commerce_events FROM app")


def test_a_role_that_owns_the_log_is_a_problem() -> None:
    assert list(judge_ownership("app", [])) == []
    (found,) = judge_ownership("app", ["commerce_events"])
    assert (found.level, "owns commerce_events" in found.text) == ("problem", True)


def test_functions_that_lack_or_may_not_be_called_are_named() -> None:
    found = judge_functions(
        "app", {"commerce_append": False, "commerce_b": True}, ["commerce_append", "commerce_b", "f"]
    )
    assert [one.text for one in found] == [
        "app has no EXECUTE on commerce_append",
        "the function f does not exist",
    ]


def test_a_role_without_limits_is_noticed() -> None:
    assert judge_limits(APPLICATION_ROLE.limits).level == "ok"
    found = judge_limits({**APPLICATION_ROLE.limits, "lock_timeout": "0"})
    assert (found.level, "has no lock_timeout in" in found.text) == ("warning", True)


def test_migrations_that_lack_or_are_unknown_are_named() -> None:
    assert [one.level for one in judge_migrations(SchemaState([], [], []))] == ["ok"]
    found = judge_migrations(SchemaState(["2"], ["9"], ["commerce_append"]))
    assert [one.text for one in found] == [
        "not applied: 2",
        "applied, and unknown to this code: 9",
        "functions of another version than this code: commerce_append",
    ]


def test_a_database_without_the_log_is_told_from_an_older_one() -> None:
    assert list(judge_missing_tables([], 2)) == []
    assert next(judge_missing_tables(["a", "b"], 2)).text == "the database has no log yet"
    assert "older than this code" in next(judge_missing_tables(["a"], 2)).text


def test_events_that_the_code_does_not_know_are_named() -> None:
    assert [one.level for one in judge_events([("ordering.OrderConfirmed", 1)])] == ["ok"]
    (found,) = judge_events([("ordering.OrderConfirmed", 1), ("ordering.OrderGifted", 1)])
    assert found.text == "the log holds ordering.OrderGifted, which this version does not know"


def test_the_master_key_has_to_open_every_key_that_is_tried() -> None:
    first, second, other = (MasterKey(bytes([byte]) * 32) for byte in range(3))
    owners = [uuid4() for _ in range(3)]
    unnamed = b"n" * 12 + AESGCM(first.secret).encrypt(b"n" * 12, bytes(32), owners[0].bytes)
    rows = [(owners[0], unnamed), *((owner, second.wrap(owner, bytes(32))) for owner in owners[1:])]
    masters: dict[UUID | None, MasterKey] = {None: first, first.id: first, second.id: second}
    assert judge_keys([], {}).level == "ok"
    assert judge_keys(rows, masters).level == "ok"
    assert "no master key" in judge_keys(rows, {}).text
    assert "open none" in judge_keys(rows, {None: other, other.id: other}).text
    damaged = [rows[0], (owners[1], b"short"), rows[2]]
    assert judge_keys(damaged, masters).text == f"1 of 3 people's keys cannot be opened, such as that of {owners[1]}"
    assert f"such as that of {owners[1]}" in judge_keys(rows, {None: first, first.id: first}).text


def standing(partition: str, seconds: float, held: bool = True) -> Standing:
    """A partition whose next event waits for so long."""
    return Standing(partition, 7, 3, seconds, held)


def test_a_subscription_that_is_behind_is_told_from_one_that_stands_still() -> None:
    running = [standing(f"{name}:0", 0.2) for name in WORKERS]
    assert [one.level for one in judge_subscriptions([*running, standing("orders:0", 5)])] == ["ok"]
    (behind,) = judge_subscriptions([*running, standing("orders:0", 30)])
    (stopped,) = judge_subscriptions([*running, standing("orders:0", 7200)])
    (abandoned,) = judge_subscriptions([*running, standing("orders:0", 7200, held=False)])
    assert [one.level for one in (behind, stopped, abandoned)] == ["warning", "problem", "problem"]
    assert stopped.text == "orders:0 stands at 7, 3 events behind; the next one waits since 2 h"
    assert "/health" in stopped.remedy
    assert abandoned.remedy == "start the worker projections"


def test_partitions_of_a_subscription_that_need_the_same_are_one_finding() -> None:
    running = [standing(f"{name}:0", 0.2) for name in WORKERS]
    behind = [standing(f"orders:{number}", 7200, held=number == 3) for number in range(4)]
    abandoned, stopped = judge_subscriptions([*running, *behind, standing("stock:0", 0)])
    assert abandoned.text.endswith("waits since 2 h; orders:1, orders:2 wait, too, and no process works on it")
    assert stopped.text == "orders:3 stands at 7, 3 events behind; the next one waits since 2 h"


def test_a_subscription_that_never_ran_is_named() -> None:
    found = judge_subscriptions([standing("saga:0", 0), standing("relay:0", 0), standing("webhooks:0", 0)])
    assert [(one.level, one.text) for one in found] == [("warning", "inventory has never run")]


def worker(name: str, status: Literal["ok", "failing", "missing"] = "ok", version: str = "1") -> Worker:
    """A process as it reported itself."""
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    return Worker(name, version, "host", 7, noon, noon, status, {"orders:1": "stopped"} if status == "failing" else {})


def test_kinds_of_processes_that_nobody_runs_are_named() -> None:
    everyone = [worker(kind) for kind in KINDS]
    assert [one.level for one in judge_workers(everyone, everyone)] == ["ok"]
    few = [worker("saga-2" if kind == "saga" else kind) for kind in KINDS if kind != "relay"]
    (found,) = judge_workers(few, few)
    assert (found.level, found.text) == ("problem", "no relay runs: nothing is asked of the outside")


def test_a_process_elsewhere_that_fails_or_is_missing_is_named() -> None:
    everyone = [worker(kind) for kind in KINDS]
    troubled = [worker("projections-2", "failing"), worker("saga-2", "missing")]
    failing, missing = judge_workers([*everyone, *troubled], [*everyone, *troubled])
    assert (failing.level, failing.text) == ("problem", "projections-2 (process 7 on host): orders:1: stopped")
    assert (missing.level, "last heard of at 2026-11-23 12:00:00" in missing.text) == ("warning", True)
    assert [one.level for one in judge_workers(everyone, [*everyone, *troubled])] == ["ok"]


def test_processes_of_other_code_are_named_together() -> None:
    running = [worker("api"), worker("saga", version="2"), worker("relay", version="2"), worker("old", "missing", "0")]
    assert [(one.level, one.text) for one in judge_code(running, "1")] == [
        ("warning", "saga, relay run 2; this is 1"),
    ]
    assert [one.level for one in judge_code(running[:1], "1")] == ["ok"]
    assert judge_code([], "1") == []


def test_deadlines_that_nobody_noted_are_a_problem() -> None:
    assert judge_deadlines(0, None, 0.0).level == "ok"
    found = judge_deadlines(2, "4711", 90.0)
    assert found.text == "2 passed unnoticed, the first 90 s ago, such as that of order 4711"


def test_requests_that_are_not_sent_again_are_told_from_those_that_nobody_answers() -> None:
    oldest = "commands.payments.capture of order 4711"
    assert judge_requests(waiting=3, late=0, old=0, seconds=5, oldest=oldest).level == "ok"
    assert judge_requests(waiting=3, late=0, old=2, seconds=1000, oldest=oldest).level == "warning"
    found = judge_requests(waiting=3, late=1, old=2, seconds=1000, oldest=oldest)
    assert (found.level, oldest in found.text) == ("problem", True)


GREETING = {"version": "2.15.1", "jetstream": True}


def test_a_broker_works_while_one_of_its_servers_does() -> None:
    up, down = BrokerServer("a:1", GREETING), BrokerServer("b:2", None, "refused")
    assert [one.level for one in judge_servers([up])] == ["ok"]
    assert [one.level for one in judge_servers([up, down])] == ["warning"]
    assert [one.level for one in judge_servers([down])] == ["problem"]


@pytest.mark.parametrize(
    ("greeting", "level"), [({"version": "2.9.1", "jetstream": True}, "warning"), ({"version": "2.15.1"}, "problem")]
)
def test_a_broker_that_is_old_or_has_no_jetstream_is_named(greeting: dict[str, Any], level: str) -> None:
    assert [one.level for one in judge_servers([BrokerServer("a:1", greeting)])] == [level]


def page(copies: int = 1) -> dict[str, Any]:
    """What a server says of the streams as the workers make them."""
    streams = [
        {
            "name": name,
            "config": {"retention": retention, "num_replicas": copies},
            "state": {"messages": 5},
            "consumer_detail": [{"name": consumer} for consumer in consumers],
        }
        for name, (retention, consumers) in STREAMS.items()
    ]
    return {"account_details": [{"stream_detail": streams}]}


def test_streams_that_are_as_they_should_be_are_one_line() -> None:
    (found,) = judge_jetstream(page(), 1)
    assert (found.level, "5 commands" in found.text) == ("ok", True)
    assert [one.level for one in judge_jetstream(page(copies=3), 3)] == ["ok"]


def test_what_lacks_on_the_broker_is_named() -> None:
    assert [one.level for one in judge_jetstream(None, 1)] == ["warning"]
    assert [one.text for one in judge_jetstream({}, 1)] == ["there is no COMMANDS", "there is no EVENTS"]
    assert "COMMANDS has 1 copies on 3 servers" in [one.text for one in judge_jetstream(page(), 3)]
    damaged = page()
    commands, events = damaged["account_details"][0]["stream_detail"]
    commands["consumer_detail"] = [one for one in commands["consumer_detail"] if one["name"] != "shipping-cancel"]
    events["config"]["retention"] = "interest"
    assert [one.text for one in judge_jetstream(damaged, 1)] == [
        "COMMANDS has no consumer shipping-cancel",
        "EVENTS has retention interest, not limits",
    ]


def test_the_doctor_knows_streams_consumers_and_subscriptions_as_the_workers_have_them() -> None:
    made = {config.name: config.retention.value for config in stream_configs(1) if config.retention}
    assert {name: retention for name, (retention, _) in STREAMS.items()} == made
    kept = [notifications.DURABLE]
    kept += [durable_of(payments.app.name, operation) for operation in payments.PaymentSubject]
    kept += [durable_of(shipping.app.name, operation) for operation in ShippingOperation]
    for name, (_, consumers) in STREAMS.items():
        assert {durable.name for durable in kept if durable.stream == name} == consumers
    assert set(WORKERS.values()) == {module.app.name for module in (saga, inventory, relay, webhooks)}


def test_the_doctor_waits_as_long_as_the_relay_does() -> None:
    from commerce.cli.checks import waits

    assert (waits.RESEND_AFTER_S, waits.LONGEST_RESEND_S) == (RESEND_AFTER_S, LONGEST_RESEND_S)
    assert LOOK_INTERVAL_S < waits.LATEST_RESEND_S
