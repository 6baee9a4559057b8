-- Remembered requests are removed when they are old: an index of times that costs an append nearly nothing.
CREATE INDEX commerce_idempotency_created_at_idx ON commerce_idempotency USING brin (created_at);
