"""Webhooks out: what is to be delivered stands in a table, and is sent from there."""
