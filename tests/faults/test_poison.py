"""Poison in the log, about one event in 1,000, while the processes that park and drain it are killed: only the poisoned
orders wait, all others end, and so do these once the poison is gone. Of a topic that nobody knows no process is killed,
as none starts on such a log (ADR 7)."""

from __future__ import annotations

import json
import signal
from functools import partial
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from tests.faults import report
from tests.faults.accounts import agree
from tests.faults.load import Load, all_ended, shoppers
from tests.faults.processes import pid_of, replaced, send
from tests.system.conftest import System, running
from tests.waiting import eventually

PROCESSES = ("inventory", "relay", "saga", "projections")
PARKING = {"inventory", "relay", "saga"}
ORDERS = 300
RATE_PER_S = 10

_POISON = """
CREATE SEQUENCE poison_turn;
CREATE TABLE poisoned (
    order_id uuid PRIMARY KEY, topic text NOT NULL, kind bigint NOT NULL, stream uuid, version bigint, state bytea);
CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $body$
DECLARE
    v_turn bigint;
BEGIN
    IF NEW.topic = 'ordering.OrderPlaced' THEN
        v_turn := nextval('poison_turn');
        IF v_turn % 30 = 7 THEN
            INSERT INTO poisoned (order_id, topic, kind) VALUES (NEW.correlation_id, (ARRAY[
                'saga.StockReservationRequested', 'saga.AuthorizationRequested', 'ordering.OrderPlaced'
            ])[1 + v_turn / 30 % 3], {kind});
        END IF;
    END IF;
    UPDATE poisoned SET stream = NEW.originator_id, version = NEW.originator_version, state = NEW.state
    WHERE order_id = NEW.correlation_id AND topic = NEW.topic AND state IS NULL;
    IF FOUND THEN
        CASE (SELECT kind FROM poisoned WHERE order_id = NEW.correlation_id)
            WHEN 0 THEN NEW.state := 'not JSON';
            WHEN 1 THEN NEW.state := '{}';
            WHEN 2 THEN NEW.correlation_id := NULL;
            ELSE NEW.topic := NEW.topic || 'Once';
        END CASE;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER poison BEFORE INSERT ON commerce_events FOR EACH ROW EXECUTE FUNCTION poison();

CREATE SEQUENCE lost_turn;
CREATE TABLE lost_keys (LIKE commerce_keys INCLUDING ALL);
CREATE FUNCTION lose_key() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $body$
BEGIN
    IF nextval('lost_turn') % 60 <> 11 THEN
        RETURN NEW;
    END IF;
    INSERT INTO lost_keys SELECT NEW.*;
    RETURN NULL;
END
$body$;
CREATE TRIGGER lose_key BEFORE INSERT ON commerce_keys FOR EACH ROW EXECUTE FUNCTION lose_key();
"""
"""Requests to inventory and to the outside, and orders, of which one in 30 cannot be read, or names no order; what they
said is kept. Of one order in 60 the key is lost, so that nobody can read where it goes."""

_EACH_KIND_BUT_TOPICS = "v_turn / 90 % 3"
_TOPICS = "3"

_REPAIR = """
UPDATE commerce_events e SET state = p.state, correlation_id = p.order_id, topic = p.topic FROM poisoned p
WHERE e.originator_id = p.stream AND e.originator_version = p.version;
DROP TRIGGER poison ON commerce_events;
DROP TRIGGER lose_key ON commerce_keys;
INSERT INTO commerce_keys SELECT * FROM lost_keys;
"""

_POISONED = "SELECT order_id FROM poisoned WHERE state IS NOT NULL UNION SELECT owner_id FROM lost_keys"

_UNFINISHED = """
SELECT originator_id FROM commerce_events WHERE topic = 'ordering.OrderPlaced'
EXCEPT
SELECT originator_id FROM commerce_events
WHERE topic IN ('ordering.OrderConfirmed', 'ordering.OrderRejected', 'ordering.OrderCancelled')"""


_P99_S = """
SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM ended.recorded_at - placed.recorded_at))
FROM commerce_events placed JOIN commerce_events ended USING (correlation_id)
WHERE placed.topic = 'ordering.OrderPlaced' AND placed.notification_id > %s
  AND ended.topic IN ('ordering.OrderConfirmed', 'ordering.OrderRejected')"""
"""Of orders that were placed beyond a position and have ended: the time from the one to the other."""


@pytest.mark.long
@pytest.mark.fault("poison: one order in 20", "events unreadable or of no order, keys lost, by triggers")
async def test_only_poisoned_orders_wait_and_all_end_once_the_poison_is_gone(tmp_path: Path) -> None:
    with running(tmp_path) as system:
        async with shoppers(system) as load:
            report.count(p99_ms_calm=await _p99_ms(system, load, "SELECT NULL::uuid"))
            _owner(system, _POISON.replace("{kind}", _EACH_KIND_BUT_TOPICS))
            report.count(p99_ms_of_others=await _p99_ms(system, load, _POISONED))
            await _kill_each(system, load)
            await load.all_accepted()
            await eventually(lambda: _orders(system, _UNFINISHED) <= _orders(system, _POISONED), 180)
            poisoned = _orders(system, _POISONED)
            assert len(poisoned) >= 4
            report.count(poisoned=len(poisoned))
            print(f"{len(poisoned)} of {len(load.accepted)} orders are poisoned; all others have ended")
            await _repair(system, PARKING | {"shipping"})
            await _kill_each(system, load)
            await _all_is_right(system, load)


@pytest.mark.long
@pytest.mark.fault("poison: one order in 30", "events of a topic that nobody knows, by a trigger")
async def test_only_orders_with_an_event_of_an_unknown_topic_wait_until_the_log_is_repaired(tmp_path: Path) -> None:
    with running(tmp_path) as system:
        async with shoppers(system) as load:
            _owner(system, _POISON.replace("{kind}", _TOPICS))
            await load.paced(report.orders(ORDERS), RATE_PER_S)
            await eventually(lambda: _orders(system, _UNFINISHED) <= _orders(system, _POISONED))
            poisoned = _orders(system, _POISONED)
            assert len(poisoned) >= 4
            report.count(poisoned=len(poisoned))
            await _repair(system, PARKING)
            await _all_is_right(system, load)


async def _repair(system: System, parking: set[str]) -> None:
    """Once all of these have parked what they cannot handle: take the poison out, and have it tried again."""
    await eventually(lambda: {str(group["subscription"]) for group in _groups(system)} >= parking)
    groups = _groups(system)
    _owner(system, _REPAIR)
    for group in groups:
        system.commerce("parked", str(group["group"]), "--retry", "--reason", "repaired")


async def _all_is_right(system: System, load: Load) -> None:
    await load.all_accepted()
    await all_ended(system)
    await eventually(lambda: not _groups(system), 120)
    await agree(system, load, was_log_repaired=True)
    verified = system.commerce("verify")
    assert verified.returncode == 0, verified.stdout


async def _p99_ms(system: System, load: Load, poisoned: str) -> int:
    """Have orders placed at a pace that the system keeps up with; how long 99 of 100 of those that end take at most."""
    with system.database() as database:
        ((position,),) = database.execute("SELECT max(notification_id) FROM commerce_events").fetchall()
        await load.paced(report.orders(ORDERS), RATE_PER_S)
        await eventually(lambda: _orders(system, _UNFINISHED) <= _orders(system, poisoned))
        ((seconds,),) = database.execute(_P99_S.encode(), [position]).fetchall()
    return round(1000 * float(seconds))


async def _kill_each(system: System, load: Load) -> None:
    """Kill each process that parks and drains, under load."""
    for name in PROCESSES:
        pid = pid_of(system, name)
        await load.strike(f"SIGKILL {name}", partial(send, system, name, signal.SIGKILL), orders=100)
        await replaced(system, name, pid)


def _groups(system: System) -> list[dict[str, object]]:
    listed = system.commerce("parked", "--json")
    assert listed.returncode in (0, 1), listed.stderr
    return [json.loads(line) for line in listed.stdout.splitlines()]


def _orders(system: System, query: str) -> set[UUID]:
    with system.database() as database:
        return {row[0] for row in database.execute(query.encode()).fetchall()}


def _owner(system: System, statements: str) -> None:
    with psycopg.connect(system.run["admin_database_url"]) as connection:
        connection.execute(statements.encode())
