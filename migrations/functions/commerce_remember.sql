-- Remembers a request that was accepted and changed nothing, under the lock under which appends remember theirs. Answers
-- whether it is the first with this key.
CREATE OR REPLACE FUNCTION commerce_remember(
    p_scope text, p_key text, p_fingerprint bytea, p_answer bytea, p_position bigint
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
BEGIN
    PERFORM pg_advisory_xact_lock(7305461);
    INSERT INTO commerce_idempotency (scope, key, fingerprint, answer, position)
    VALUES (p_scope, p_key, p_fingerprint, p_answer, p_position)
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$body$;

-- It runs with its owner's rights, so only roles that are granted it may call it.
REVOKE ALL ON FUNCTION commerce_remember FROM PUBLIC;
