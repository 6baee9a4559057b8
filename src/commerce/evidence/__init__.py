"""Tamper evidence: a Merkle tree over the stored bytes of the log, its signed heads, proofs, and the search for
changes."""
