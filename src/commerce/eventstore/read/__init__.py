"""Reads of the log: by stream, by position, with snapshots, and shared between callers."""
