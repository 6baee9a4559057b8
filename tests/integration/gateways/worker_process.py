"""Workers as an operator starts them: `faststream run`, a process each, on free ports."""

from __future__ import annotations

import os
import re
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from commerce.forks.child import ForkedChild
from tests.forked import fork
from tests.waiting import LIMIT_S


@dataclass
class WorkerProcess:
    """One worker with its home; it can be killed and started again, as another process at another address.

    Left as a context manager, it is killed if it still runs.
    """

    app: str
    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    url: str = ""
    process: ForkedChild | None = None

    @property
    def log(self) -> str:
        """All that it has written since its last start."""
        return self._log_file.read_text()

    def launch(self, *arguments: str) -> None:
        """Start it and do not wait."""
        self._log_file.unlink(missing_ok=True)
        self._log_file.touch()
        environment = {**os.environ, "COMMERCE_HOME": str(self.home), **self.environment}
        self.process = fork("faststream", ["run", self.app, *arguments], environment, self._log_file)

    def start(self, *arguments: str) -> None:
        """Start it and wait until it listens."""
        self.launch(*arguments)
        deadline = time.monotonic() + LIMIT_S
        while (found := re.search(r"running on (http://[\d.]+:\d+)", self.log)) is None:
            assert self.process is not None
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)
        self.url = found[1]
        kind = self.app.removeprefix("workers.").partition("_simulator:")[0]
        secret = self.home / "keys" / f"{kind}.password"
        if secret.exists():
            self.url = self.url.replace("://", f"://commerce:{secret.read_text(encoding='utf-8').strip()}@")

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.stop(signal.SIGKILL)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.exit_code()

    def exit_code(self) -> int:
        """Wait for its end."""
        assert self.process is not None
        return self.process.wait(LIMIT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    @property
    def _log_file(self) -> Path:
        return self.home / "worker.log"
