-- Calls to the outside of which nobody heard the end, after their request was answered or given up: each party is asked about
-- them again, ever more seldom, until what was asked cannot happen any more; derived from the log.
CREATE TABLE commerce_doubtful_calls (
    request_id uuid PRIMARY KEY,
    subject text NOT NULL,
    order_id uuid NOT NULL,
    process_id uuid NOT NULL,
    position bigint NOT NULL,
    asked integer NOT NULL DEFAULT 0,
    attempted_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL
);

CREATE INDEX commerce_doubtful_calls_due_at_idx ON commerce_doubtful_calls (due_at);
