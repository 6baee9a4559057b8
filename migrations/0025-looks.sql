-- transactional: false
-- Who looked at whose data is found among the looks alone, and not among all events. Appends go on while the index is made; what a
-- migration that was killed left of it is made anew.
DROP INDEX CONCURRENTLY IF EXISTS commerce_events_looks_idx;
CREATE INDEX CONCURRENTLY commerce_events_looks_idx ON commerce_events (notification_id) WHERE topic = 'audit.PersonalDataRead';
