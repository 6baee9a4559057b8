"""Reconciliation: the ledgers of provider and carrier are compared with ours, and each difference becomes a case."""
