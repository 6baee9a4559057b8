-- The processes of the system, as each reports itself every two seconds. Unlogged: it need not survive anything, and costs no sync.
CREATE UNLOGGED TABLE commerce_workers (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    version text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat timestamptz NOT NULL DEFAULT clock_timestamp(),
    problems jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);
