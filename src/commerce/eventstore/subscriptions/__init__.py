"""Subscriptions: they read the log in order, and commit their effects together with their positions."""
