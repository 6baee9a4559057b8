-- The last comparison of each party's ledger with ours, and with that when the next one is due; one replica claims it by its start.
CREATE TABLE commerce_reconciliations (
    party text PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    completed_at timestamptz,
    compared bigint NOT NULL DEFAULT 0,
    in_flight bigint NOT NULL DEFAULT 0,
    differences bigint NOT NULL DEFAULT 0,
    problem text
);
