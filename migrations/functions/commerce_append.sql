-- The only way into the log. Events come as arrays, numbered by the command (1, 2, ...) they belong to; so do the
-- streams that a command needs unchanged, new keys, and idempotency rows. Correlation, causation and metadata are arrays
-- with one element per command.
--
-- It takes the lock first, then checks everything, then draws positions: a reader that sees a position has seen all
-- below it. Without p_whole each command stands for itself: of two commands the later one conflicts if the earlier one
-- is on a stream that it is on too or needs unchanged; the same goes for one person's key and for one request.
-- With p_whole all commands are one: they may continue each other's streams, and the first conflict raises an error.
-- It answers one row per command: the position of its last event, or what it conflicts with: version, repeated, key, or
-- closed: a new key is wrapped with a master key that wraps nothing new any more.
--
-- A session plans each statement once for all calls, so each plan has to hold for tables of any size. Requests and keys
-- are looked up by LATERAL: with EXISTS, a plan made while the tables were nearly empty reads the whole table.
CREATE OR REPLACE FUNCTION commerce_append(
    p_command integer[],
    p_stream uuid[],
    p_version bigint[],
    p_topic text[],
    p_state bytea[],
    p_correlation uuid[],
    p_causation bigint[],
    p_metadata text[],
    p_unchanged_command integer[],
    p_unchanged_stream uuid[],
    p_unchanged_version bigint[],
    p_key_command integer[],
    p_key_owner uuid[],
    p_key_wrapped bytea[],
    p_repeat_command integer[],
    p_repeat_scope text[],
    p_repeat_key text[],
    p_repeat_fingerprint bytea[],
    p_repeat_answer bytea[],
    p_whole boolean
) RETURNS TABLE (command integer, appended bigint, conflict text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $body$
DECLARE
    v_version integer[];
    v_repeated integer[] := '{}';
    v_key integer[] := '{}';
    v_closed integer[] := '{}';
    v_failed integer[];
    v_now timestamptz;
    v_first bigint;
    v_last bigint;
    v_topics text;
BEGIN
    PERFORM pg_advisory_xact_lock(7305461);

    WITH part AS (
        SELECT CASE WHEN p_whole THEN 0 ELSE e.command END AS unit, e.stream,
               min(e.version) AS first, max(e.version) AS last, count(DISTINCT e.version) AS distinct_versions, count(*) AS events
        FROM unnest(p_command, p_stream, p_version) AS e (command, stream, version)
        GROUP BY 1, 2
    ), ranked AS (
        SELECT part.*, row_number() OVER (PARTITION BY part.stream ORDER BY part.unit) AS turn FROM part
    ), bad AS (
        SELECT r.unit
        FROM ranked r
        LEFT JOIN LATERAL (
            SELECT s.originator_version FROM commerce_events s
            WHERE s.originator_id = r.stream ORDER BY s.originator_version DESC LIMIT 1
        ) AS head ON true
        WHERE r.turn > 1
           OR r.first <> coalesce(head.originator_version, 0) + 1
           OR r.last - r.first + 1 <> r.events
           OR r.distinct_versions <> r.events
        UNION
        SELECT CASE WHEN p_whole THEN 0 ELSE u.command END
        FROM unnest(p_unchanged_command, p_unchanged_stream, p_unchanged_version) AS u (command, stream, version)
        LEFT JOIN LATERAL (
            SELECT s.originator_version FROM commerce_events s
            WHERE s.originator_id = u.stream ORDER BY s.originator_version DESC LIMIT 1
        ) AS head ON true
        WHERE u.version <> coalesce(head.originator_version, 0)
           OR (NOT p_whole
               AND u.stream IN (SELECT part.stream FROM part) -- a hash, so that the search below is rare
               AND EXISTS (SELECT FROM part WHERE part.stream = u.stream AND part.unit < u.command))
    )
    SELECT coalesce(array_agg(bad.unit), '{}') INTO v_version FROM bad;

    IF cardinality(p_repeat_command) > 0 THEN
        SELECT coalesce(array_agg(r.command), '{}') INTO v_repeated
        FROM (
            SELECT q.command, q.scope, q.key, row_number() OVER (PARTITION BY q.scope, q.key ORDER BY q.command) AS turn
            FROM unnest(p_repeat_command, p_repeat_scope, p_repeat_key) AS q (command, scope, key)
        ) AS r
        LEFT JOIN LATERAL (
            SELECT true AS found FROM commerce_idempotency i WHERE i.scope = r.scope AND i.key = r.key LIMIT 1
        ) AS before ON true
        WHERE r.turn > 1 OR before.found;
    END IF;

    IF cardinality(p_key_command) > 0 THEN
        SELECT coalesce(array_agg(k.command), '{}') INTO v_key
        FROM (
            SELECT q.command, q.owner, row_number() OVER (PARTITION BY q.owner ORDER BY q.command) AS turn
            FROM unnest(p_key_command, p_key_owner) AS q (command, owner)
        ) AS k
        LEFT JOIN LATERAL (
            SELECT true AS found FROM commerce_keys o WHERE o.owner_id = k.owner LIMIT 1
        ) AS before ON true
        WHERE k.turn > 1 OR before.found;

        SELECT coalesce(array_agg(k.command), '{}') INTO v_closed
        FROM (
            SELECT decode(replace(convert_from(e.state, 'UTF8')::jsonb ->> 'key_id', '-', ''), 'hex') AS id
            FROM commerce_events e
            WHERE e.originator_id = '6389af48-e3bd-593b-bd72-1332a8a1fbad' AND e.topic = 'master_keys.MasterKeyClosed'
        ) AS closed
        JOIN unnest(p_key_command, p_key_wrapped) AS k (command, wrapped)
            ON octet_length(k.wrapped) = 60 OR substring(k.wrapped FROM 2 FOR 16) = closed.id;
    END IF;

    v_failed := v_version || v_repeated || v_key || v_closed;
    IF p_whole AND cardinality(v_failed) > 0 THEN
        RAISE EXCEPTION 'the streams have moved since they were read' USING ERRCODE = '40001';
    END IF;

    v_now := greatest(
        clock_timestamp(), (SELECT s.recorded_at FROM commerce_events s ORDER BY s.notification_id DESC LIMIT 1));

    SELECT s.last_value + s.is_called::integer INTO v_first FROM commerce_events_notification_id_seq AS s;

    RETURN QUERY
    WITH good AS MATERIALIZED (
        SELECT e.*, nextval('commerce_events_notification_id_seq') AS place
        FROM (
            SELECT u.* FROM unnest(p_command, p_stream, p_version, p_topic, p_state)
                WITH ORDINALITY AS u (command, stream, version, topic, state, ordinality)
            WHERE u.command <> ALL (v_failed)
            ORDER BY u.ordinality
        ) AS e
    ), about AS (
        SELECT c.* FROM unnest(p_correlation, p_causation, p_metadata)
            WITH ORDINALITY AS c (correlation_id, causation_id, metadata, command)
    ), written AS (
        INSERT INTO commerce_events (originator_id, originator_version, topic, state, notification_id, recorded_at,
                                     correlation_id, causation_id, metadata)
        SELECT good.stream, good.version, good.topic, good.state, good.place, v_now,
               about.correlation_id, about.causation_id, about.metadata::jsonb
        FROM good JOIN about ON about.command = good.command
        ORDER BY good.place
    ), last AS (
        SELECT good.command, max(good.place) AS place FROM good GROUP BY good.command
    ), remembered AS (
        INSERT INTO commerce_idempotency (scope, key, fingerprint, answer, position)
        SELECT r.scope, r.key, r.fingerprint, r.answer, last.place
        FROM unnest(p_repeat_command, p_repeat_scope, p_repeat_key, p_repeat_fingerprint, p_repeat_answer)
            AS r (command, scope, key, fingerprint, answer)
        JOIN last ON last.command = r.command
    ), kept AS (
        INSERT INTO commerce_keys (owner_id, wrapped)
        SELECT k.owner, k.wrapped
        FROM unnest(p_key_command, p_key_owner, p_key_wrapped) AS k (command, owner, wrapped)
        JOIN last ON last.command = k.command
    )
    SELECT last.command, last.place, NULL::text FROM last
    UNION ALL
    SELECT f.command, NULL,
           CASE WHEN f.command = ANY (v_repeated) THEN 'repeated' WHEN f.command = ANY (v_key) THEN 'key'
                WHEN f.command = ANY (v_version) THEN 'version' ELSE 'closed' END
    FROM (SELECT DISTINCT unnest(v_failed) AS command) AS f;

    -- Who follows the log hears which positions were appended and of what topics, and need not look for others' events.
    SELECT s.last_value INTO v_last FROM commerce_events_notification_id_seq AS s WHERE s.is_called;
    IF v_last >= v_first THEN
        v_topics := array_to_string(array(SELECT DISTINCT t.topic FROM unnest(p_topic) AS t (topic)), ' ');
        PERFORM pg_notify('commerce_events', CASE WHEN octet_length(v_topics) > 7900 THEN '' ELSE
            format('%s %s %s', v_first, v_last, v_topics) END);
    END IF;
END
$body$;

-- It runs with its owner's rights, so only roles that are granted it may call it.
REVOKE ALL ON FUNCTION commerce_append FROM PUBLIC;
