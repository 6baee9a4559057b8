-- Moves a subscription on from the position at which its batch was read, and locks the row until the transaction ends.
-- Raises an error where another process has moved it, or a rebuild has exchanged its effects (another generation).
CREATE OR REPLACE FUNCTION commerce_advance(p_name text, p_from bigint, p_to bigint, p_generation integer DEFAULT 0) RETURNS void
LANGUAGE plpgsql
AS $body$
BEGIN
    UPDATE commerce_tracking SET notification_id = p_to
    WHERE application_name = p_name AND notification_id = p_from AND generation = p_generation;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'subscription % has moved on from %', p_name, p_from USING ERRCODE = '40001';
    END IF;
END
$body$;
