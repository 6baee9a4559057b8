"""The shapes of what clients send and get; what is personal in an order is opened where its answer is made."""
