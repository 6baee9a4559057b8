"""Starts the embedded servers in the folder it is given, says where they are, and stays until it is killed."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from commerce.embedded import EmbeddedNats, EmbeddedPostgres


def main(home: Path) -> None:
    postgres, nats = EmbeddedPostgres(home), EmbeddedNats(home)
    admin_url = postgres.start()
    nats.start()
    sys.stdout.write(json.dumps({"admin_url": admin_url, "pids": [postgres.pid, nats.pid]}) + "\n")
    sys.stdout.flush()
    signal.pause()


main(Path(sys.argv[1]))
