"""The process manager: leads each order from placed to confirmed, or undoes what was done, and opens a case where a
person has to decide; the only context beside the audit that imports others.

A new step is a row in `steps.py`, its events in `events.py`, and what handles its request in the context it asks.
"""
