"""Customers: who they are, how they log in, and how long they stay logged in."""
