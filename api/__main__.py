"""`python -m api`: serves the API until SIGTERM or SIGINT, then ends in order. Bad use: one line and exit code 2."""

from __future__ import annotations

import asyncio
import os
import sys

import uvloop

from api.server import listen, serve
from commerce.runtime.logs import configure_logs
from commerce.runtime.settings import load_settings
from commerce.values.errors import BadUsage


def main() -> None:
    """Run the process."""
    os.umask(0o077)
    configure_logs("api")
    try:
        settings = load_settings()
        with listen(settings) as listening, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, listening))
    except BadUsage as error:
        print(f"commerce: {' '.join(str(error).split())}", file=sys.stderr)  # noqa: T201 - for a person
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
