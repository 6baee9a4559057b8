"""One file per resource: its paths, the shapes of its requests, and the way from an endpoint to a handler or a
query."""
