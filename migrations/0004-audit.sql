-- The Merkle tree (RFC 6962) over the rows of the log, kept by the follower `seal`: one leaf per fact, in log order.
-- What the leaf was made of stands beside its hash, so that a fact which is gone can still be named.
CREATE TABLE commerce_audit_leaves (
    leaf_index bigint PRIMARY KEY,
    notification_id bigint NOT NULL UNIQUE,
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text,
    recorded_at timestamptz NOT NULL,
    hash bytea NOT NULL
);

-- Hashes of complete subtrees of 256, 65,536, ... leaves (levels 8, 16, ...): any hash of the tree is made of at most 255 per level.
CREATE TABLE commerce_audit_nodes (
    level smallint NOT NULL,
    node_index bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, node_index)
);

CREATE VIEW commerce_audit_hashes AS
SELECT 0::smallint AS level, leaf_index AS node_index, hash FROM commerce_audit_leaves
UNION ALL
SELECT level, node_index, hash FROM commerce_audit_nodes;

-- Signed tree heads (RFC 6962, section 3.5), signed with Ed25519; signed_at in milliseconds since 1970.
CREATE TABLE commerce_audit_heads (
    tree_size bigint PRIMARY KEY,
    signed_at bigint NOT NULL,
    root bytea NOT NULL,
    signature bytea NOT NULL
);
