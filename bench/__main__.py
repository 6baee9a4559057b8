"""`make bench [NAME=…]`, `make bench-long`: runs benchmarks one by one, prints their tables, and keeps what they
found."""

from __future__ import annotations

import argparse
import asyncio
import importlib

from bench.harness import Report

SHORT = (
    "append",
    "conflicts",
    "http",
    "streams",
    "abuse",
    "saga_core",
    "saga_whole",
    "hot",
    "projection",
    "long_stream",
)
LONG = ("order_cost", "closed_loop", "order_search", "replicas", "rebuild", "growth", "memory", "console")
"""Names of modules here, each with an `async def run(report)`. The long ones take many minutes."""


def main() -> None:
    """Run the benchmarks that are named, or all short ones."""
    options = argparse.ArgumentParser(prog="bench", description=__doc__)
    options.add_argument(
        "names", nargs="*", metavar="NAME", help=f"any of {', '.join(SHORT + LONG)}; none: all that are short"
    )
    options.add_argument("--long", action="store_true", help="all that take many minutes")
    chosen = options.parse_args()
    names = [name.replace("-", "_") for name in chosen.names] or list(LONG if chosen.long else SHORT)
    unknown = sorted(set(names) - {*SHORT, *LONG})
    if unknown:
        options.error(f"there is no benchmark called {unknown[0]}; there are {', '.join(SHORT + LONG)}")
    for name in names:
        report = Report(name)
        asyncio.run(importlib.import_module(f"bench.{name}").run(report))
        report.show()
        print(f"written to {report.save()}", flush=True)


if __name__ == "__main__":
    main()
