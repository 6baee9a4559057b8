-- Takes parked events of a subscription away, as they are handled in the same transaction, and releases those behind.
-- Raises an error where one of them is not parked any more, as another process has handled it, or where a person has
-- decided about it meanwhile.
CREATE OR REPLACE FUNCTION commerce_unpark(p_subscription text, p_positions bigint[], p_revisions integer[]) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan
AS $body$
DECLARE
    v_freed text[];
    v_gone integer;
BEGIN
    DELETE FROM commerce_parked p USING unnest(p_positions, p_revisions) AS known (position, revision)
    WHERE p.subscription = p_subscription AND p.position = known.position AND p.revision = known.revision;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    IF v_gone <> cardinality(p_positions) THEN
        RAISE EXCEPTION 'parked events of % have changed', p_subscription USING ERRCODE = '40001';
    END IF;
    WITH gone AS (
        DELETE FROM commerce_parked_sequences s
        WHERE s.subscription = p_subscription AND s.position = ANY(p_positions) RETURNING s.sequence
    )
    SELECT array_agg(DISTINCT gone.sequence) INTO v_freed FROM gone;
    PERFORM commerce_release_parked(p_subscription, v_freed);
END
$body$;
