-- What clients sent as idempotency keys may be personal: their hash is kept instead (docs/adr/0017). The same as `key_digest` in
-- commerce.eventstore.records makes, so that requests which were accepted before are recognised as before.
UPDATE commerce_idempotency
SET key = 'sha256:' || encode(sha256(convert_to(scope || E'\n' || key, 'UTF8')), 'hex');
