"""The processes: subscriptions and consumers, each an application of its own."""
