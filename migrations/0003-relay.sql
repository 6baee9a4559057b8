-- When each of the broker's streams was created, as the relay last filled it: another time means that it is new, and empty.
CREATE TABLE commerce_streams (
    name text PRIMARY KEY,
    created_at timestamptz NOT NULL
);
