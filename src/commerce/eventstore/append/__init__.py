"""The way into the log: one SQL function, called by a queue that commits many commands together.

The function's SQL stands in `migrations/functions/commerce_append.sql`.
"""
