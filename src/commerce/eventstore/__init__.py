"""The event store: the log in PostgreSQL, appended under one lock, read by stream or in order, followed exactly
once.

This module is its public face: nobody outside imports what is below. `EventStore` is a connected store, `open_store`
opens one, `Subscription` and `Engine` follow the log, `StreamDecision` and `handle_command` decide on streams and
append.
"""

from commerce.eventstore.aggregate import Aggregate
from commerce.eventstore.append.function import APPEND, append_parameters
from commerce.eventstore.append.queue import AppendQueue
from commerce.eventstore.append.queue_metrics import AppendQueueCollector
from commerce.eventstore.append.queued import KeyExists
from commerce.eventstore.append.write_probe import Recording
from commerce.eventstore.codec.event import (
    Event,
    EventHasPlace,
    EventWithoutPlace,
    Sealed,
    in_stream,
    recorded_in_plain_text,
)
from commerce.eventstore.codec.known_topics import unknown_kinds
from commerce.eventstore.codec.personal_keys import KeyRing, MissingKey, PersonKey, unwrap
from commerce.eventstore.codec.records import Append, Idempotency, Metadata, Recorded, WrappedKey
from commerce.eventstore.command import MOST_TRIES, Accepted, StreamDecision, handle_command
from commerce.eventstore.postgres.arrays import texts, uuids
from commerce.eventstore.postgres.error_text import error_text
from commerce.eventstore.postgres.migrations import SchemaState, migrate, schema_state
from commerce.eventstore.postgres.role import APPLICATION_ROLE
from commerce.eventstore.postgres.sessions import pool_of
from commerce.eventstore.read.log import LogReader, Pool, connection_from, head_of, read_events
from commerce.eventstore.read.snapshots import (
    SNAPSHOT_INTERVAL_EVENTS,
    Snapshot,
    Snapshots,
    StreamHistory,
    is_due,
    saving,
)
from commerce.eventstore.store import EventStore, open_store
from commerce.eventstore.subscriptions.engine import Engine
from commerce.eventstore.subscriptions.leases import HOLDER, lock_key
from commerce.eventstore.subscriptions.stops import Stop, find_stops, in_words, read_stops
from commerce.eventstore.subscriptions.subscription import (
    NOTHING,
    PARTITIONS,
    Handler,
    Stateless,
    Statement,
    Subscription,
    Work,
)
from commerce.eventstore.subscriptions.tail import PACE_S, Filter, Tail, partition_of, read_slice

__all__ = [
    "APPEND",
    "APPLICATION_ROLE",
    "HOLDER",
    "MOST_TRIES",
    "NOTHING",
    "PACE_S",
    "PARTITIONS",
    "SNAPSHOT_INTERVAL_EVENTS",
    "Accepted",
    "Aggregate",
    "Append",
    "AppendQueue",
    "AppendQueueCollector",
    "Engine",
    "Event",
    "EventHasPlace",
    "EventStore",
    "EventWithoutPlace",
    "Filter",
    "Handler",
    "Idempotency",
    "KeyExists",
    "KeyRing",
    "LogReader",
    "Metadata",
    "MissingKey",
    "PersonKey",
    "Pool",
    "Recorded",
    "Recording",
    "SchemaState",
    "Sealed",
    "Snapshot",
    "Snapshots",
    "Stateless",
    "Statement",
    "Stop",
    "StreamDecision",
    "StreamHistory",
    "Subscription",
    "Tail",
    "Work",
    "WrappedKey",
    "append_parameters",
    "connection_from",
    "error_text",
    "find_stops",
    "handle_command",
    "head_of",
    "in_stream",
    "in_words",
    "is_due",
    "lock_key",
    "migrate",
    "open_store",
    "partition_of",
    "pool_of",
    "read_events",
    "read_slice",
    "read_stops",
    "recorded_in_plain_text",
    "saving",
    "schema_state",
    "texts",
    "unknown_kinds",
    "unwrap",
    "uuids",
]
