"""The way into the log: one SQL function, called by a queue that commits many commands together."""
