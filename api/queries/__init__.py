"""What every query shares: it waits for its read model, reads single things from their streams, and records access."""
