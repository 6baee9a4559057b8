-- Which version of a follower's code made its effects, and how often they were exchanged as a whole (as a rebuild does).
ALTER TABLE commerce_tracking ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE commerce_tracking ADD COLUMN generation integer NOT NULL DEFAULT 0;

-- As before; and whoever has read effects that were exchanged since is kept out too.
DROP FUNCTION commerce_advance(text, bigint, bigint);
CREATE FUNCTION commerce_advance(p_name text, p_from bigint, p_to bigint, p_generation integer DEFAULT 0) RETURNS void
LANGUAGE plpgsql
AS $body$
BEGIN
    UPDATE commerce_tracking SET notification_id = p_to
    WHERE application_name = p_name AND notification_id = p_from AND generation = p_generation;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'follower % has moved on from %', p_name, p_from USING ERRCODE = '40001';
    END IF;
END
$body$;

-- What the projections worker is asked to do with read models: to rebuild one, or to verify it; one of a kind at a time.
-- `done` of `total`: places of the log, and for a verification rows before them. `found`: the first rows that differ.
CREATE TABLE commerce_upkeep (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('rebuild', 'verification')),
    projection text NOT NULL,
    version integer NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    cancelled boolean NOT NULL DEFAULT false,
    worker text,
    seen_at timestamptz,
    resumed_at timestamptz,
    resumed_from bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    problem text,
    differing bigint NOT NULL DEFAULT 0,
    found jsonb NOT NULL DEFAULT '[]',
    ended_at timestamptz
);

CREATE UNIQUE INDEX commerce_upkeep_under_way_idx ON commerce_upkeep (projection, kind) WHERE ended_at IS NULL;
