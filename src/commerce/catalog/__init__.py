"""Products: what can be ordered, under which name and at which price."""
