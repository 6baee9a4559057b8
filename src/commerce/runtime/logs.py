"""How a process of the running system writes its log: one JSON object a line on stdout, and no values of personal
data in it."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from commerce.runtime.standard_streams import write_utf8

_BROKER_FIELDS = ("subject", "stream", "queue", "message_id")
_TALKATIVE = ("httpx2", "httpcore2", "uvicorn.access")

_trace = structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)


def configure_logs(process: str, level: int = logging.INFO) -> None:
    """Send what structlog and the standard library log in this process to stdout as JSON, marked with the
    process's name.

    Of a message and of an exception's text only the first line is kept: validation and database errors quote values
    below it. Of a standard record's extra fields only the broker's addresses are.
    """
    write_utf8()
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
    ]
    after: list[Processor] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _one_line,
        structlog.processors.ExceptionRenderer(_first_lines),
    ]
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*before, *after, render],
        logger_factory=_LineLogger,
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    extra = structlog.stdlib.ExtraAdder(allow=_BROKER_FIELDS)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processor=render, foreign_pre_chain=[*before, extra, *after])
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(capture=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(worker=process)


class _LineLogger(structlog.WriteLogger):
    """Writes a line itself: the way through the standard library takes twice as long, and a request waits for its
    line. Like a handler there, it lets the work go on where a line cannot be written, as on a full disk."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(sys.stdout)
        self.name = name

    def msg(self, message: str) -> None:
        try:
            super().msg(message)
        except (OSError, ValueError):  # ValueError: the stream is closed
            return

    debug = info = warning = error = critical = exception = msg


def _one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _first_lines(exc_info: ExcInfo) -> list[dict[str, Any]]:
    return [_shortened(stack) for stack in _trace(exc_info)]


def _shortened(stack: dict[str, Any]) -> dict[str, Any]:
    nested = [[_shortened(inner) for inner in group] for group in stack["exceptions"]]
    return {
        "type": stack["exc_type"],
        "text": stack["exc_value"].partition("\n")[0],
        "frames": [f"{frame['filename']}:{frame['lineno']} {frame['name']}" for frame in stack["frames"]],
        **({"exceptions": nested} if nested else {}),
    }
