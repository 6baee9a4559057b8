"""Child processes that cannot outlive us, and the locks that show whether an earlier one still lives."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from commerce.forks.kinship import end_with_parent
from commerce.values.errors import BadUsage


class Child(Protocol):
    """What can be asked of a child process; `subprocess.Popen` can."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def kill(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RunAs:
    """Who runs a program: a command to put before it, and the user and group to change to."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    run_as: RunAs | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    inherited: Sequence[int] = (),
    orphan_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, its output appended to `log`.

    On Linux the kernel sends it `orphan_signal` when the calling *thread* ends, so call this from the main thread.
    """
    run_as = run_as or RunAs()
    parent = os.getpid()

    def follow_parent() -> None:
        end_with_parent(orphan_signal)
        if os.getppid() != parent:
            os._exit(1)

    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab", opener=_open_private) as output:
        return subprocess.Popen(
            [*run_as.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=environment,
            pass_fds=inherited,
            start_new_session=True,
            user=run_as.user,
            group=run_as.group,
            extra_groups=None if run_as.group is None else [],
            preexec_fn=follow_parent,  # noqa: PLW1509 - prctl has to run after the change of user, so between fork and exec
        )


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def end(process: Child, *steps: tuple[signal.Signals, float]) -> None:
    """Send each signal in turn and wait its number of seconds; SIGKILL follows the last."""
    for step, timeout_s in steps:
        if process.poll() is not None:
            return
        process.send_signal(step)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout_s)
    process.kill()
    process.wait()


@contextmanager
def folder_lock(folder: Path, timeout_s: float) -> Iterator[int]:
    """Hold the folder's lock; a child that inherits the yielded descriptor holds it until it, and its children,
    are gone.

    Waits `timeout_s` for an earlier holder that is just ending, then raises `BadUsage`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.fchmod(
            descriptor, 0o600
        )  # another user who can open it could hold the lock, and keep this system from starting
        _await_lock(descriptor, folder, timeout_s)
        yield descriptor
    finally:
        os.close(descriptor)


def _await_lock(descriptor: int, folder: Path, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise BadUsage(f"{folder} is in use by another process; stop that one first") from None
            time.sleep(0.05)
        else:
            return
