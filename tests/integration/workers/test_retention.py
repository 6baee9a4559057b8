"""What is older than it may be is removed, and nothing else; without being applied, nothing is."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import psycopg

from commerce.customers.erasure_commands import find_erasure
from commerce.eventstore import Append, EventStore, Idempotency, in_stream
from commerce.ordering.events import OrderRejected
from commerce.runtime.settings import Settings
from tests.conftest import Database
from tests.integration.projections.history import WHO, History
from workers.gateways.mail import FileOutbox, Mail
from workers.privacy.__main__ import line_of
from workers.privacy.retention import DAY_S, apply_retention, due_for_removal, retention_rules

_DELIVERY = """
    INSERT INTO commerce_webhook_deliveries (endpoint_id, position, event_id, event_type, about, body, status, ended_at)
    VALUES (%s, %s, 'x', 'ordering.OrderPlaced', gen_random_uuid(), '{}', 'delivered',
            clock_timestamp() - make_interval(days => %s))"""


async def test_what_is_older_than_it_may_be_is_removed_and_the_rest_stays(
    store: EventStore, database: Database, tmp_path: Path
) -> None:
    outbox, old_mail, new_mail = FileOutbox(tmp_path / "outbox"), uuid4(), uuid4()
    for about in (old_mail, new_mail):
        await outbox.put(Mail(about, "confirmed", "Your order", "Dear Ada"))
    long_ago = (tmp_path / "outbox").stat().st_mtime - 91 * DAY_S
    os.utime(tmp_path / "outbox" / f"{old_mail}-confirmed.txt", (long_ago, long_ago))
    history, old, new, customers = History(store), uuid4(), uuid4(), uuid4()
    for order, customer in ((old, None), (new, None), (customers, uuid4())):
        await history.is_placed(order, customer_id=customer)
        await history.happens(OrderRejected, order, reason="out_of_stock")
    for number in range(3):
        request = Idempotency("anybody", str(number), b"", b"{}")
        event = in_stream([OrderRejected(reason="timed_out")], uuid4(), after=0)
        await store.append(Append(event, None, WHO, idempotency=request))
    await history.is_projected()
    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        aged = "UPDATE commerce_idempotency SET created_at = created_at - interval '400 days' WHERE position < %s"
        assert owner.execute(aged, [await store.head()]).rowcount == 2
        owner.execute(
            "UPDATE projections.orders SET updated_at = updated_at - interval '11 days' WHERE order_id <> %s", [new]
        )

    with psycopg.connect(database.admin_url, autocommit=True) as owner:
        for position, days in ((1, 8), (2, 6)):
            owner.execute(_DELIVERY, [uuid4(), position, days])

    async def found(home: Path, *, is_applied: bool = False, **kept: int) -> list[int]:
        rules = retention_rules(store, Settings(home=home).model_copy(update=kept))
        results = await (apply_retention(rules) if is_applied else due_for_removal(rules))
        assert all(one.rule.setting in line_of(one, is_applied=is_applied) for one in results)
        return [one.found for one in results]

    assert await found(tmp_path) == [2, 1, 1, 0], "guests are kept for ever where nobody says otherwise"
    assert await found(tmp_path, keep_mails_days=0, keep_guests_days=10) == [2, 0, 1, 1]
    assert await found(tmp_path, keep_guests_days=10) == [2, 1, 1, 1], "nothing was changed"
    assert await found(tmp_path, keep_guests_days=10, is_applied=True) == [2, 1, 1, 1]
    assert [file.name[:36] for file in (tmp_path / "outbox").iterdir()] == [str(new_mail)]
    erasure = await find_erasure(store, old)
    assert erasure is not None
    assert (erasure.erasure.ground, erasure.requested_by) == ("no_longer_needed", "service:retention")
    assert await find_erasure(store, new) is None
    assert await find_erasure(store, customers) is None
    await history.is_projected()
    assert await found(tmp_path, keep_guests_days=10, is_applied=True) == [0, 0, 0, 0]
    assert await found(tmp_path / "none", keep_guests_days=10) == [0, 0, 0, 0]
    assert await found(tmp_path, keep_deliveries_days=5) == [0, 0, 1, 0], "the rest stays as long as it may"
