"""How a call to a party ends without an outcome, and how a command stops before its own."""

from __future__ import annotations

from typing import Literal

from commerce.values.errors import CommerceError, Unavailable

Cause = Literal["credential_refused", "busy", "unavailable"]
"""Why a party does not do it now: it does not take our credential, it asks to be asked again later, or it is down."""


class PartyUnavailable(Unavailable):
    """The party gave no answer: what was asked may have happened or not.

    Ask again with the same key, after `pause_s` seconds where the party named them.
    """

    def __init__(self, detail: str = "", pause_s: float | None = None) -> None:
        super().__init__(detail)
        self.pause_s = pause_s


class PartyDown(PartyUnavailable):
    """As `PartyUnavailable`, and it is the party's fault, not the request's: it answers no question either."""


class Postponed(Unavailable):
    """The party does not do it now: ask again, after `pause_s` seconds where they are known.

    That it was asked counts as no attempt towards giving up. While it is busy with an earlier call of the same key,
    what that comes to is not known yet.
    """

    def __init__(self, detail: str, cause: Cause, pause_s: float | None = None) -> None:
        super().__init__(detail)
        self.cause = cause
        self.pause_s = pause_s


class RequestRejected(CommerceError):
    """The party says that our request is wrong in itself; nothing happened and repeating it helps nobody."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class TryAgain(Exception):
    """The command cannot be finished now: it is to come again after `delay` seconds; None lets the pause grow
    each time."""

    def __init__(self, reason: str, delay: float | None = None, *, is_put_off: bool = False) -> None:
        super().__init__(reason)
        self.delay = delay
        self.is_put_off = is_put_off
        """Whether the party asked for it: then the command does not fail, it waits."""


class PersonNeeded(Exception):
    """An undo cannot go on before a person has looked; why is on record. The relay sends the request again now and
    then."""
