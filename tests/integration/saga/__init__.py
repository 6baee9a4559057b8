"""The process manager and its clock on a real log."""
