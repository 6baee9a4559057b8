-- States of long streams, so that reading them need not begin at their first fact: the library's snapshots table. Derived from the log.
CREATE TABLE commerce_snapshots (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text,
    state bytea,
    PRIMARY KEY (originator_id, originator_version)
);
