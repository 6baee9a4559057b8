"""The commands that read the log: follow, replay, audit and prove."""
