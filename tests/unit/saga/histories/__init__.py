"""What the process manager decided in every situation that a bounded walk reaches, recorded once; it decides so
for ever.

`recorded.json.gz` knows topics, JSON, ids and times alone, and no class: it outlives every renaming. `recorder.py` made
it from the code before there was one table of steps. A new one is made only where a decision is meant to change, by
`python -m tests.unit.saga.histories.recorder`.
"""
