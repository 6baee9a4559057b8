"""The event log: appended under one lock, read by stream or in log order, followed exactly once."""
