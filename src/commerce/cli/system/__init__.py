"""`commerce up` and what it starts: the processes of a system on one machine, and their supervision."""
