-- Puts the wrapped form of people's keys under the current master key in the place of the one under an older one. It
-- changes a row that still has what was read of it, so that a key that was destroyed meanwhile stays destroyed, and only to
-- what says that the current master key wrapped it: the one that the log adopted last. A row that somebody else has locked
-- is left for later. Answers how many rows it changed.
CREATE OR REPLACE FUNCTION commerce_rewrap_keys(p_owner uuid[], p_before bytea[], p_after bytea[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_current bytea;
    v_changed integer;
BEGIN
    SELECT decode(replace(convert_from(e.state, 'UTF8')::jsonb ->> 'key_id', '-', ''), 'hex') INTO v_current
    FROM commerce_events e
    WHERE e.originator_id = '6389af48-e3bd-593b-bd72-1332a8a1fbad' AND e.topic = 'master_keys.MasterKeyAdopted'
    ORDER BY e.originator_version DESC LIMIT 1;

    WITH mine AS (
        SELECT k.owner_id FROM commerce_keys k WHERE k.owner_id = ANY (p_owner) FOR UPDATE SKIP LOCKED
    )
    UPDATE commerce_keys k SET wrapped = n.after
    FROM unnest(p_owner, p_before, p_after) AS n (owner, before, after)
    JOIN mine ON mine.owner_id = n.owner
    WHERE k.owner_id = n.owner AND k.wrapped = n.before
      AND octet_length(n.after) = 77 AND substring(n.after FROM 1 FOR 17) = '\x01'::bytea || v_current;
    GET DIAGNOSTICS v_changed = ROW_COUNT;
    RETURN v_changed;
END
$body$;

-- It runs with its owner's rights, so only roles that are granted it may call it.
REVOKE ALL ON FUNCTION commerce_rewrap_keys FROM PUBLIC;
