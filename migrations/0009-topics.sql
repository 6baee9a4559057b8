-- Which kinds of facts the log holds, by topic and version of their shape, and where each stands first: so that a process can tell
-- at its start, without searching the log, whether it knows them all. Kept by a trigger, as the library's own append is another way in.
CREATE TABLE commerce_topics (
    topic text NOT NULL,
    class_version integer NOT NULL,
    first_position bigint NOT NULL,
    PRIMARY KEY (topic, class_version)
);

-- The version of a payload's shape: it comes first in the JSON, and is left out where it is 1.
CREATE FUNCTION commerce_class_version(p_state bytea) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN substring(p_state FOR 17) = '{"class_version":'::bytea
    THEN coalesce(substring(encode(substring(p_state FROM 18 FOR 9), 'escape') FROM '^[0-9]+')::integer, 1)
    ELSE 1
END;

CREATE FUNCTION commerce_note_topics() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
BEGIN
    INSERT INTO commerce_topics (topic, class_version, first_position)
    SELECT a.topic, commerce_class_version(a.state), min(a.notification_id)
    FROM added a
    WHERE a.topic IS NOT NULL
      AND NOT EXISTS (SELECT FROM commerce_topics t
                      WHERE t.topic = a.topic AND t.class_version = commerce_class_version(a.state))
    GROUP BY 1, 2
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$body$;

CREATE TRIGGER commerce_note_topics AFTER INSERT ON commerce_events
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION commerce_note_topics();

INSERT INTO commerce_topics (topic, class_version, first_position)
SELECT topic, commerce_class_version(state), min(notification_id) FROM commerce_events WHERE topic IS NOT NULL GROUP BY 1, 2;
