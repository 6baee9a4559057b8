"""What the process manager decided in every situation that a bounded walk reaches, recorded once; it decides so
for ever.

`recorded.json.gz` and `people.json.gz` know topics, JSON, ids and times alone, and no class: they outlive every
renaming. `recorder.py` made the first from the code before there was one table of steps. It has the way of an order and
all that goes wrong on it; the second has what people ask for beside it, and limits by settings. A new one is made only
where a decision is meant to change, by `python -m tests.unit.saga.histories.recorder recorded` (or `people`).
"""
