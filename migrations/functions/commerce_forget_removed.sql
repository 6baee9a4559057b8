-- When the owner takes rows out of the log or changes them, drops what was derived from them: snapshots of their
-- streams, and kinds of events that no row is of any more.
CREATE OR REPLACE FUNCTION commerce_forget_removed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $body$
BEGIN
    DELETE FROM commerce_snapshots s USING removed r
    WHERE s.originator_id = r.originator_id AND s.originator_version >= r.originator_version;
    DELETE FROM commerce_topics t
    WHERE (t.topic, t.class_version) IN (
            SELECT r.topic, commerce_class_version(r.state) FROM removed r WHERE r.topic IS NOT NULL)
      AND NOT EXISTS (
            SELECT FROM commerce_events e WHERE e.topic = t.topic AND commerce_class_version(e.state) = t.class_version);
    RETURN NULL;
END
$body$;
