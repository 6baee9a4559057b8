"""Reads of the log: by stream, by position, in slices; snapshots to begin with, and queries that callers share."""
