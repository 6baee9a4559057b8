-- Requests are forgotten after a time: those are found that are old enough. They are added in the order of their times.
CREATE INDEX commerce_idempotency_created_at_idx ON commerce_idempotency USING brin (created_at)
WITH (autosummarize = on);
