"""One log line per request: method, route, sender and result; nothing of what the client sent."""

from __future__ import annotations

import structlog
from starlette.types import Scope

from api.http.error_statuses import INTERNAL, type_of
from commerce.values.errors import Unavailable

_KEY = "problem"

_log = structlog.get_logger(__name__)


def note(scope: Scope, error: Exception) -> None:
    """Note why a request failed, for its log line."""
    scope[_KEY] = error


def was_unavailable(scope: Scope) -> bool:
    """Whether a request failed because a part of the system does not answer."""
    return isinstance(scope.get(_KEY), Unavailable)


def log_request(scope: Scope, method: str, route: str, status: int, seconds: float) -> None:
    """Write a request's log line; an unexpected error comes with its traceback.

    The text of an error below status 500 may be personal, and is not logged.
    """
    about: dict[str, object] = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "request_id": scope.get("request_id"),
        "actor": scope.get("actor"),
    }
    error: Exception | None = scope.get(_KEY)
    if error is None:
        _log.info("client closed" if status == 499 else "request", **about)
        return
    about["problem"] = type_of(type(error))
    if about["problem"] == INTERNAL:
        _log.error("request failed", error=type(error).__name__, exc_info=error, **about)
    elif status >= 500:
        _log.warning("request failed", error=type(error).__name__, detail=str(error), **about)
    else:
        _log.info("request rejected", **about)
