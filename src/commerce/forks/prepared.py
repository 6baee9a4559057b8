"""`python -m commerce.forks.prepared FD MODULE…`: imports modules, and forks processes that begin with them.

`commerce.forks.server` starts it, and asks it over the socket FD. A request is one byte and another socket; the answer
is the process id of the fork, which reads from that socket which program it is to be. So nothing that a program is
told, its secrets above all, is ever known to this process, nor to the forks that come later.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module

from setproctitle import setproctitle

from commerce.forks.kinship import end_with_parent

ANSWER = struct.Struct("q")
"""A process id; 0 where there is no room for another process."""


@dataclass(frozen=True, slots=True)
class Program:
    """A module that is run as `python -m module arguments…`, where it runs, and where its output goes."""

    module: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: str
    folder: str
    parent: int
    """The process with which it ends."""

    def to_bytes(self) -> bytes:
        """As `from_bytes` reads it."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> Program:
        """Raises `ValueError` for what is cut off."""
        return cls(**json.loads(text))

    def become(self) -> None:
        """Let this process be the program, until its end. Raises `SystemExit`, and what the program raises."""
        os.setsid()
        end_with_parent(signal.SIGKILL)
        if os.getppid() != self.parent:
            os._exit(1)
        output = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, sys.stdout.fileno())
        os.dup2(output, sys.stderr.fileno())
        os.close(output)
        os.environ.clear()
        os.environ.update(self.environment)
        time.tzset()
        os.chdir(self.folder)
        sys.argv = [self.module, *self.arguments]
        setproctitle(" ".join([sys.executable, "-m", *sys.argv]))
        gc.enable()
        runpy.run_module(self.module, run_name="__main__", alter_sys=True)


def answer_requests(requests: socket.socket, modules: Sequence[str]) -> int | None:
    """Import modules, and fork for whoever asks, until nobody can ask any more. Who asks waits for the first module;
    each of the others waits for those who ask.

    Returns in a fork, with the descriptor that its program is read from; and at the end, with None. Raises
    `ImportError`.
    """
    gc.disable()  # a collection would write to memory that forks share
    first, *rest = modules
    _import(first)
    missing = deque(rest)
    while True:
        if missing and not select.select([requests], [], [], 0)[0]:
            _import(missing.popleft())
            continue
        try:
            _, descriptors, _, _ = socket.recv_fds(requests, 1, 1)
            if not descriptors:
                return None
            gc.freeze()
            pid = _fork_orphan()
            if pid == 0:
                requests.close()
                return descriptors[0]
            os.close(descriptors[0])
            requests.sendall(ANSWER.pack(max(pid, 0)))
        except ConnectionError:  # who asked has ended
            return None


def _import(module: str) -> None:
    import_module(module)
    if module.endswith(".__main__"):
        del sys.modules[module]  # it is run, and what is run must not be there yet


def _fork_orphan() -> int:
    """Fork a process whose parent has ended when this returns, so that it is an ancestor's child: 0 in it, else its
    id, below 0 where it could not be made."""
    reader, writer = os.pipe()
    try:
        between = os.fork()
    except OSError:
        os.close(reader)
        os.close(writer)
        return -1
    if between == 0:
        os.close(reader)
        _fork_and_end(writer)
        return 0
    os.close(writer)
    said = os.read(reader, ANSWER.size)
    os.close(reader)
    os.waitpid(between, 0)
    return int(ANSWER.unpack(said)[0]) if said else -1


def _fork_and_end(writer: int) -> None:
    """Return in a fork of this process; this process ends."""
    try:
        pid = os.fork()
        if pid == 0:
            os.close(writer)
            return
        os.write(writer, ANSWER.pack(pid))
    except OSError:
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Answer requests; a fork reads its program, and becomes it."""
    setproctitle(f"{sys.executable} -m commerce.forks.prepared")
    end_with_parent(signal.SIGKILL)
    descriptor = answer_requests(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
    if descriptor is None:
        os._exit(0)  # all that is to be given back is memory
    with open(descriptor, "rb") as told:
        text = told.read()
    if text:  # else whoever asked for it has ended
        Program.from_bytes(text).become()


if __name__ == "__main__":
    main()
