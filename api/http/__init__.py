"""HTTP itself: connections, the outermost layer, routes, errors, headers, idempotency and turns."""
