-- A key that was destroyed leaves its row, without the key: so that "erased" is told from "missing", and nobody makes a new key for an
-- erased person. Only commerce_destroy_keys writes that, and only what an event in the log says.
ALTER TABLE commerce_keys ALTER COLUMN wrapped DROP NOT NULL;
ALTER TABLE commerce_keys ADD COLUMN erased_at timestamptz;
ALTER TABLE commerce_keys ADD COLUMN erased_by text;
ALTER TABLE commerce_keys ADD CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL) AND (erased_at IS NULL) = (erased_by IS NULL));

-- The key's old bytes stay in the table's pages until they are vacuumed, so that is done soon.
ALTER TABLE commerce_keys SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0);
