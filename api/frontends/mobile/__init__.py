"""The front door for mobile clients: compact documents, and what changed since a client last asked."""
