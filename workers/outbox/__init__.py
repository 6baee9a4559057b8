"""From the log to JetStream: which events become messages, and how the broker stays as full as the log says."""
