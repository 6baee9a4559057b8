"""The process manager: leads each order from placed to confirmed, or undoes what was done; the only context that
imports others."""
