-- Events that a subscription cannot handle, and those that wait behind them. Each row waits for all of its `keys`; the first of these is the
-- event's own sequence, such as an order. A row without an `error_group` waits only: it is due `infinity` until one before it is parked no
-- more. Its revision changes with each decision of a person. A message of a consumer has its subject and body, and the position that it names.
CREATE TABLE commerce_parked (
    subscription text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    topic text NOT NULL,
    keys text[] NOT NULL,
    error_group text,
    error text,
    place text,
    problem text,
    attempts integer NOT NULL DEFAULT 0,
    revision integer NOT NULL DEFAULT 0,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    failed_at timestamptz,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    message_subject text,
    message_body bytea,
    PRIMARY KEY (subscription, position)
);

CREATE INDEX commerce_parked_error_group_idx ON commerce_parked (error_group, position) WHERE error_group IS NOT NULL;
CREATE INDEX commerce_parked_failed_idx ON commerce_parked (subscription, partition, position) WHERE error_group IS NOT NULL;
CREATE INDEX commerce_parked_due_idx ON commerce_parked (subscription, partition, position) WHERE due_at < 'infinity';

-- The sequences in which later events wait for a parked one. No foreign key: its check keeps the plan that was right for an empty table.
CREATE TABLE commerce_parked_sequences (
    subscription text NOT NULL,
    sequence text NOT NULL,
    position bigint NOT NULL,
    partition integer NOT NULL,
    PRIMARY KEY (subscription, sequence, position)
);

CREATE INDEX commerce_parked_sequences_position_idx ON commerce_parked_sequences (subscription, position);

-- Deliveries of messages that have begun and did not come to any end; kept for those alone that were delivered several times before.
CREATE TABLE commerce_deliveries (
    consumer text NOT NULL,
    position bigint NOT NULL,
    unfinished integer NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, position)
);

-- What a person decided about a parked event: that a subscription leaves it out (no state), or reads it as this instead. Written together
-- with the event in the log that says so; whoever reads the log again for that subscription does the same.
CREATE TABLE commerce_corrections (
    subscription text NOT NULL,
    position bigint NOT NULL,
    topic text,
    state bytea,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subscription, position)
);
