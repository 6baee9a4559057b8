-- Has the next event of each of these sequences tried, as the one that it waited for is parked no more, or holds up
-- that sequence no more. Where it waits for another sequence, too, it stays due until that is free.
CREATE OR REPLACE FUNCTION commerce_release_parked(p_subscription text, p_sequences text[]) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan
AS $body$
BEGIN
    UPDATE commerce_parked p SET due_at = clock_timestamp()
    FROM unnest(p_sequences) AS freed (sequence)
    CROSS JOIN LATERAL (
        SELECT s.position FROM commerce_parked_sequences s
        WHERE s.subscription = p_subscription AND s.sequence = freed.sequence ORDER BY s.position LIMIT 1
    ) AS next
    WHERE p.subscription = p_subscription AND p.position = next.position AND p.error_group IS NULL
      AND p.due_at = 'infinity';
END
$body$;
