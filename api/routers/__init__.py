"""One file per resource: its routes, the shapes of its requests, and its endpoints, which call a handler or a query."""
