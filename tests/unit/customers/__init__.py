"""Customers, their logins and their sessions."""
