-- The version of a payload's shape: it comes first in the JSON, and is left out where it is 1.
CREATE OR REPLACE FUNCTION commerce_class_version(p_state bytea) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN substring(p_state FOR 17) = '{"class_version":'::bytea
    THEN coalesce(substring(encode(substring(p_state FROM 18 FOR 9), 'escape') FROM '^[0-9]+')::integer, 1)
    ELSE 1
END;
