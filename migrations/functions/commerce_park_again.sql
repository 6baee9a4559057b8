-- Notes that a parked event was tried in vain, and when it is tried again (never by itself without p_pause_s). From now
-- on it holds up its own sequence and p_broken, and none else. Changes nothing where a person has decided meanwhile.
CREATE OR REPLACE FUNCTION commerce_park_again(
    p_subscription text, p_position bigint, p_revision integer, p_broken text, p_error_group text, p_error text,
    p_place text, p_problem text, p_pause_s double precision
) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan
AS $body$
DECLARE
    v_partition integer;
    v_sequences text[];
    v_freed text[];
BEGIN
    UPDATE commerce_parked p
    SET attempts = p.attempts + 1, failed_at = clock_timestamp(), error_group = p_error_group, error = p_error,
        place = p_place, problem = p_problem,
        keys = CASE WHEN p_broken = ANY(p.keys) OR p_broken IS NULL THEN p.keys ELSE p.keys || p_broken END,
        due_at = coalesce(clock_timestamp() + make_interval(secs => p_pause_s), 'infinity')
    WHERE p.subscription = p_subscription AND p.position = p_position AND p.revision = p_revision
    RETURNING p.partition, array_remove(ARRAY[p.keys[1], p_broken], NULL) INTO v_partition, v_sequences;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    WITH gone AS (
        DELETE FROM commerce_parked_sequences s
        WHERE s.subscription = p_subscription AND s.position = p_position AND s.sequence <> ALL(v_sequences)
        RETURNING s.sequence
    )
    SELECT array_agg(gone.sequence) INTO v_freed FROM gone;
    INSERT INTO commerce_parked_sequences (subscription, sequence, position, partition)
    SELECT p_subscription, own.sequence, p_position, v_partition FROM unnest(v_sequences) AS own (sequence)
    ON CONFLICT DO NOTHING;
    PERFORM commerce_release_parked(p_subscription, v_freed);
END
$body$;
