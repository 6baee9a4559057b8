-- Keeps commerce_topics up to date when events are added: their topics and versions of shape. Looks up each kind once,
-- not each event.
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
