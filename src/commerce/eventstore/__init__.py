"""The event store: the log in PostgreSQL, appended under one lock, read by stream or in order, followed exactly
once.

This module is its public face: nobody outside imports what is below.

- A process opens the log by `open_store`, or by `open_reader` if it only reads.
- Contexts define `Event` and `Aggregate`; a handler decides by `StreamDecision` and `handle_command`, or appends an
  `Append`.
- A subscription is a `Subscription`, whose `Handler` answers `Work`; an `Engine` runs those of a process.
- Personal data is `Sealed` with the `PersonKey` of a `KeyRing`.
- `migrate` brings a database to the schema of this version; the checks of `commerce doctor` compare with
  `APPLICATION_ROLE` and `schema_state`.
"""

from commerce.eventstore.aggregate import Aggregate
from commerce.eventstore.append.function import append_alone
from commerce.eventstore.append.queue import AppendQueue
from commerce.eventstore.append.queue_metrics import AppendQueueCollector
from commerce.eventstore.append.write_probe import WriteProbe
from commerce.eventstore.codec.edited_payload import edited_state
from commerce.eventstore.codec.event import (
    Event,
    Sealed,
    SealedSecret,
    in_stream,
    recorded_in_plain_text,
)
from commerce.eventstore.codec.records import Append, Idempotency, Metadata, Recorded, WrappedKey
from commerce.eventstore.command import MOST_TRIES, Accepted, StreamDecision, handle_command
from commerce.eventstore.command_batch import KeyedCommand, Outcome, handle_commands
from commerce.eventstore.errors import (
    DataErased,
    EventFailed,
    KeyErasure,
    KeyExists,
    MissingKey,
    Repeated,
    UnreadableEvent,
)
from commerce.eventstore.key_destruction import append_and_destroy_keys, destroy_keys, keys_among, undestroyed
from commerce.eventstore.personal_keys import KeyRing, PersonKey, Readable
from commerce.eventstore.postgres.arrays import bigints, booleans, uuids
from commerce.eventstore.postgres.migrations import SchemaState, migrate, schema_state
from commerce.eventstore.postgres.role import APPLICATION_ROLE
from commerce.eventstore.postgres.statement import Statement
from commerce.eventstore.read.known_topics import unknown_kinds
from commerce.eventstore.read.log import LogReader, Pool, connection_from, head_of, read_events
from commerce.eventstore.read.slices import Filter, partition_of, read_slice
from commerce.eventstore.read.snapshots import (
    SNAPSHOT_INTERVAL_EVENTS,
    Snapshot,
    Snapshots,
    StreamHistory,
    is_due,
    leave_snapshots,
)
from commerce.eventstore.rewrapped_keys import Rewrapped, rewrap_keys, wrapped_counts
from commerce.eventstore.store import FORGETTABLE, STORE_CONNECTIONS, EventStore, Remembered, open_reader, open_store
from commerce.eventstore.subscriptions.blame import Blamed
from commerce.eventstore.subscriptions.corrections import read_corrected
from commerce.eventstore.subscriptions.engine import Engine
from commerce.eventstore.subscriptions.error_groups import Failure, is_of_one_event
from commerce.eventstore.subscriptions.leases import read_holders
from commerce.eventstore.subscriptions.parked_decisions import EventCorrection, append_decision
from commerce.eventstore.subscriptions.parked_list import (
    ParkedGroup,
    ParkedItem,
    ParkedSummary,
    last_failures,
    parked_among,
    parked_by,
    parked_groups,
    parked_items,
    parked_positions,
    parked_summaries,
    read_parked_summaries,
)
from commerce.eventstore.subscriptions.stops import Stop, find_stops, read_stops
from commerce.eventstore.subscriptions.subscription import (
    DEFAULT_PARTITIONS,
    EMPTY_WORK,
    Handler,
    Stateless,
    Subscription,
    Work,
)
from commerce.eventstore.subscriptions.tail import REQUESTS_CHANNEL, Tail
