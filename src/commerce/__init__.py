"""The write side: the event log, the aggregates that fill it, and the process manager that connects them."""
