-- Each append planned the function's statements anew, which took longer than to carry them out for a few commands. Their plans
-- depend on nothing but the indexes, so one is kept for all calls of a session.
ALTER FUNCTION commerce_append SET plan_cache_mode = force_generic_plan;

-- As before, but looks up each kind of fact once, and not each fact.
CREATE OR REPLACE FUNCTION commerce_note_topics() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan
AS $body$
BEGIN
    INSERT INTO commerce_topics (topic, class_version, first_position)
    SELECT kind.topic, kind.class_version, kind.first_position
    FROM (
        SELECT a.topic, commerce_class_version(a.state) AS class_version, min(a.notification_id) AS first_position
        FROM added a WHERE a.topic IS NOT NULL GROUP BY 1, 2
    ) AS kind
    WHERE NOT EXISTS (SELECT FROM commerce_topics t
                      WHERE t.topic = kind.topic AND t.class_version = kind.class_version)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$body$;

-- A vacuum for every so many new facts, however long the log is: it marks their pages as visible to all, so that heads are found
-- in the index alone, and freezes them at once, as they never change, so that none is ever due for the log as a whole.
ALTER TABLE commerce_events SET (
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_freeze_min_age = 0
);
