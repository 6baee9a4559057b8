"""HTTP itself: connections, the outermost layer, errors, headers, idempotency and turns."""
