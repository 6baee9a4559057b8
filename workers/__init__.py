"""The processes: followers and consumers, each an application of its own."""
