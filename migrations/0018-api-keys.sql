-- When each API key was used last, to within a minute. It is no event: a service asks many times a second.
CREATE TABLE commerce_api_key_uses (
    key_id uuid PRIMARY KEY,
    used_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
