-- The log: the table and names of the eventsourcing library's PostgreSQL recorder, with our columns, all defaulted.
CREATE TABLE commerce_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text,
    state bytea,
    notification_id bigserial,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    correlation_id uuid,
    causation_id bigint,
    metadata jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (originator_id, originator_version)
) WITH (
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.01
);

-- The library passes events to PostgreSQL as an array of these.
CREATE TYPE stored_event_uuid AS (originator_id uuid, originator_version bigint, topic text, state bytea);

CREATE UNIQUE INDEX commerce_events_notification_id_idx ON commerce_events (notification_id);

CREATE INDEX commerce_events_correlation_id_idx ON commerce_events (correlation_id, notification_id);

-- How far each follower has come: the library's tracking table; a partition is part of the name, as in 'saga:2'.
CREATE TABLE commerce_tracking (
    application_name text PRIMARY KEY,
    notification_id bigint
) WITH (fillfactor = 50);

-- Tells the library that the table is of its newer kind: one row per name.
INSERT INTO commerce_tracking (application_name, notification_id) VALUES ('__migration__', 1);

-- One key per person whose data stands in the log; without it that data is gone.
CREATE TABLE commerce_keys (
    owner_id uuid PRIMARY KEY,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Accepted requests, by which a repeat is recognised and answered.
CREATE TABLE commerce_idempotency (
    scope text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    answer bytea NOT NULL,
    position bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (scope, key)
);

-- When the process manager has to look at an order again; derived from the log.
CREATE TABLE commerce_deadlines (
    process_id uuid NOT NULL,
    name text NOT NULL,
    order_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (process_id, name)
);

CREATE INDEX commerce_deadlines_due_at_idx ON commerce_deadlines (due_at);

-- Commands to the outside that have no outcome yet; derived from the log.
CREATE TABLE commerce_requests (
    request_id uuid PRIMARY KEY,
    subject text NOT NULL,
    order_id uuid NOT NULL,
    process_id uuid NOT NULL,
    position bigint NOT NULL,
    attempt integer NOT NULL DEFAULT 1,
    sent_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX commerce_requests_sent_at_idx ON commerce_requests (sent_at);
