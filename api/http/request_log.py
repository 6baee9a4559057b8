"""One line in the log for each request: what was asked, by whom, and how it was answered; nothing that was sent."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from starlette.types import Scope

from commerce.values.errors import Unavailable

_KEY = "problem"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request was not answered as it was meant; the text of `error` may be personal, but for those of our
    own context."""

    problem: str
    error: Exception
    expected: bool


def note(scope: Scope, failure: Failure) -> None:
    """Keep why a request failed for its line in the log."""
    scope[_KEY] = failure


def was_unavailable(scope: Scope) -> bool:
    """Whether a request failed because a part of the system does not answer."""
    failure: Failure | None = scope.get(_KEY)
    return failure is not None and isinstance(failure.error, Unavailable)


def log_request(scope: Scope, method: str, route: str, status: int, seconds: float) -> None:
    """Write a request's line; an error that nobody expected comes with its traceback."""
    about: dict[str, object] = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "request_id": scope.get("request_id"),
        "actor": scope.get("actor"),
    }
    failure: Failure | None = scope.get(_KEY)
    if failure is None:
        _log.info("client closed" if status == 499 else "request", **about)
        return
    about["problem"] = failure.problem
    error = failure.error
    if not failure.expected:
        _log.error("request failed", error=type(error).__name__, exc_info=error, **about)
    elif status >= 500:
        _log.warning("request failed", error=type(error).__name__, detail=str(error), **about)
    else:
        _log.info("request refused", **about)
