-- Webhook endpoints as their events leave them, and what is delivered to each. The webhooks worker writes both together with its
-- position. Events after "behind" are not among the deliveries yet: they are taken out of the log as there is room.
-- Nothing is sent while "stops_at", the version at which it is disabled, is beyond "version".
CREATE TABLE commerce_webhook_endpoints (
    endpoint_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    url text NOT NULL,
    event_types text[] NOT NULL,
    secret text NOT NULL,
    previous_secret text,
    previous_until timestamptz,
    notice_to text,
    disabled text,
    notice text,
    stops_at bigint,
    behind bigint,
    is_removed boolean NOT NULL DEFAULT false
) WITH (fillfactor = 70);

CREATE TABLE commerce_webhook_deliveries (
    endpoint_id uuid NOT NULL,
    position bigint NOT NULL,
    event_id text NOT NULL,
    event_type text NOT NULL,
    about uuid NOT NULL,
    body text NOT NULL,
    status text NOT NULL DEFAULT 'waiting',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz DEFAULT clock_timestamp(),
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz,
    ended_at timestamptz,
    attempts jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (endpoint_id, position)
) WITH (fillfactor = 70);
CREATE INDEX ON commerce_webhook_deliveries (endpoint_id, due_at) WHERE status = 'waiting';
CREATE INDEX ON commerce_webhook_deliveries (endpoint_id, about, position) WHERE status = 'waiting' AND failures = 0;
CREATE INDEX ON commerce_webhook_deliveries (endpoint_id, status, position);
CREATE INDEX ON commerce_webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX ON commerce_webhook_deliveries (created_at) WHERE status = 'waiting';
