"""The conformance test of `docs/gateways.md`: named checks of a party's test system, judged by the gateways' own
reading.

`python -m workers.gateways.conformance` reads what to check from standard input; `commerce gateway check` starts it.
"""
