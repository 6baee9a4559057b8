-- Destroys the keys that an event `customers.KeysDestroyed` names, in that event's transaction or later again. Nobody can
-- have a key destroyed, or said to be, without such an event. Who did it is who requested the erasure: the actor of the
-- first event of the same stream. Answers how many keys are gone by it.
CREATE OR REPLACE FUNCTION commerce_destroy_keys(p_stream uuid, p_version bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_gone integer;
BEGIN
    INSERT INTO commerce_keys AS present (owner_id, wrapped, erased_at, erased_by)
    SELECT destroyed.owner::uuid, NULL, event.recorded_at, coalesce(request.metadata ->> 'actor', 'system:unknown')
    FROM commerce_events event
    JOIN commerce_events request ON request.originator_id = event.originator_id AND request.originator_version = 1
    CROSS JOIN LATERAL jsonb_array_elements_text(convert_from(event.state, 'UTF8')::jsonb -> 'keys') AS destroyed (owner)
    WHERE event.originator_id = p_stream AND event.originator_version = p_version
      AND event.topic = 'customers.KeysDestroyed'
    ON CONFLICT (owner_id) DO UPDATE
    SET wrapped = NULL, erased_at = excluded.erased_at, erased_by = excluded.erased_by
    WHERE present.wrapped IS NOT NULL;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    RETURN v_gone;
END
$body$;

-- It runs with its owner's rights, so only roles that are granted it may call it.
REVOKE ALL ON FUNCTION commerce_destroy_keys FROM PUBLIC;
