-- Where a subscription stands still, as each that cannot handle an event says itself: the event, why, and since when. Counts only while
-- the position of its partition is before that event.
CREATE TABLE commerce_stops (
    partition text PRIMARY KEY,
    position bigint NOT NULL,
    topic text NOT NULL,
    problem text NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What is known of the log without reading it goes with the rows that the owner takes out of it or changes: kinds of events that no
-- row is of any more, and states that were made of those rows.
CREATE FUNCTION commerce_forget_removed() RETURNS trigger
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

CREATE TRIGGER commerce_forget_removed AFTER DELETE ON commerce_events
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION commerce_forget_removed();
CREATE TRIGGER commerce_forget_replaced AFTER UPDATE ON commerce_events
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION commerce_forget_removed();
CREATE TRIGGER commerce_note_replaced AFTER UPDATE ON commerce_events
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION commerce_note_topics();

-- The same for rows that are gone already.
DELETE FROM commerce_topics t WHERE (t.topic, t.class_version) NOT IN (
    SELECT e.topic, commerce_class_version(e.state) FROM commerce_events e WHERE e.topic IS NOT NULL);
