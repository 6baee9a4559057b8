"""The audit trail: what the log says of who did what, when and because of what."""
