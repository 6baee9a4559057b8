"""Webhooks out: the endpoints of other systems that are told what happens, and what becomes of each delivery."""
