"""The rotation of the master key: which ones there are, which is current, and what becomes of the others."""
