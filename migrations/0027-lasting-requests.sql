-- Requests that placed an order are remembered for good (docs/adr/0053); the others are found by their age, to be forgotten.
CREATE INDEX commerce_idempotency_forgettable_idx ON commerce_idempotency (created_at)
WHERE scope NOT LIKE '%POST /api/v1/orders';
DROP INDEX commerce_idempotency_created_at_idx;
