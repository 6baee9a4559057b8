"""Writers of the eventsourcing library: threads that insert through its PostgreSQL recorder, as it is set by
default."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactory, StoredEvent
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict


def main() -> None:
    options = json.loads(sys.argv[1])
    state = b"s" * options["bytes"]
    recorder = recorder_for(options["address"], options["writers"], options.get("first", True))

    def write(until: float) -> int:
        done = 0
        while time.perf_counter() < until:
            stream = uuid4()
            recorder.insert_events([StoredEvent(stream, version, "bench.Written", state) for version in (1, 2)])
            done += 1
        return done

    def run(seconds: float) -> tuple[int, float]:
        began = time.perf_counter()
        counts = list(threads.map(write, [began + seconds] * options["writers"]))
        return sum(counts), time.perf_counter() - began

    with ThreadPoolExecutor(options["writers"]) as threads:
        run(options.get("warm_up", 0.2))
        print("ready", flush=True)
        sys.stdin.readline()
        done, seconds = run(options["seconds"])
    print(json.dumps({"done": done, "seconds": seconds}), flush=True)


def recorder_for(address: str, writers: int, first: bool) -> ApplicationRecorder:
    """The recorder of an application, with a pool that lets every writer have its connection; the first makes the
    tables."""
    given = conninfo_to_dict(address)
    names = {"DBNAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    settings = {f"POSTGRES_{name}": str(given[part]) for name, part in names.items()}
    settings |= {"PERSISTENCE_MODULE": "eventsourcing.postgres", "POSTGRES_POOL_SIZE": str(writers)}
    settings["CREATE_TABLE"] = "y" if first else "n"
    return InfrastructureFactory.construct(Environment(env=settings)).application_recorder()


if __name__ == "__main__":
    main()
