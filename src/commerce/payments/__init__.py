"""Payments: what the provider was asked, what it answered, and how much of an order's money is where."""
