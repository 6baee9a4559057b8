"""The relay as a subscription: publishes what the log says, and remembers the requests that have no outcome yet.

A batch is published before its transaction commits. Whatever fails in between makes the batch be published again, under
the same message ids: a command arrives at least once, and is never forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from commerce.eventstore import Recorded, Stateless, Statement, Subscription, Work
from workers.outbox.doubtful_calls import statement_of_given_up, statements_of_doubts
from workers.outbox.messages import (
    ATTEMPTED,
    OUTCOMES,
    TOPICS,
    array_columns,
    messages_of,
    request_of,
    requests_in,
    settled_subjects,
    withdrawn_in,
)
from workers.outbox.publisher import Publisher

RELAY = "relay"

BATCH_EVENTS = 200
"""Events published in one go: few enough that a broker which syncs each message is done long before the relay
counts as frozen."""


def relay_subscription(publisher: Publisher) -> Subscription:
    """The relay; one partition, so that messages are published in the order of the log."""
    return Subscription(RELAY, TOPICS, lambda _store, _partition: Relay(publisher), partitions=1, batch=BATCH_EVENTS)


class Relay(Stateless):
    """The handler of the relay's one partition."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def handle(self, batch: Sequence[Recorded]) -> Work:
        """Publish; then what is to be remembered. Raises `Unavailable` while the broker does not take messages."""
        await self._publisher.publish(messages_of(batch))
        return Work(statements_of(batch))


def statements_of(batch: Sequence[Recorded]) -> list[Statement]:
    """What was asked is remembered, what was answered forgotten; a request that was attempted has arrived, and
    has time.

    A call of which nobody heard the end is remembered beyond that.
    """
    requests = [request for recorded in batch if (request := request_of(recorded))]
    attempted, answered = requests_in(batch, ATTEMPTED), requests_in(batch, OUTCOMES)
    over = [*answered, *withdrawn_in(batch)]
    settled = _settled(batch)
    statements: list[Statement] = []
    if requests:
        statements.append(Statement(_REMEMBER, array_columns(request.row for request in requests)))
    if attempted:
        statements.append(Statement(_ARRIVED, [attempted]))
    statements += statements_of_doubts(batch) + statement_of_given_up(settled)
    if over:
        statements.append(Statement("DELETE FROM commerce_requests WHERE request_id = ANY(%s::uuid[])", [over]))
    if settled:
        statements.append(Statement(_SETTLED, array_columns(settled)))
    return statements


def _settled(batch: Iterable[Recorded]) -> list[tuple[object, str]]:
    return [(recorded.correlation_id, subject) for recorded in batch for subject in settled_subjects(recorded.event)]


_REMEMBER = """
    INSERT INTO commerce_requests (request_id, subject, order_id, process_id, position)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::bigint[])
    ON CONFLICT DO NOTHING"""

_ARRIVED = "UPDATE commerce_requests SET sent_at = clock_timestamp() WHERE request_id = ANY(%s::uuid[])"

_SETTLED = """
    DELETE FROM commerce_requests r USING unnest(%s::uuid[], %s::text[]) AS settled (order_id, subject)
    WHERE r.order_id = settled.order_id AND r.subject = settled.subject"""
