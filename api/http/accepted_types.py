"""Whether a client accepts what it is answered in (RFC 9110, 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Collection

from fastapi import Request

from api.http.errors import NotAcceptable

_NOT_WANTED = re.compile(r";\s*q\s*=\s*0(\.0{0,3})?\s*(;|$)", re.IGNORECASE)


def require_acceptable(request: Request, answered: Collection[str]) -> None:
    """Raises `NotAcceptable` where `Accept` names none of these types; without the header all are accepted."""
    lists = request.headers.getlist("accept")
    if not lists or not answered:  # an older path leads to another one
        return
    ranges = [one.strip() for one in ",".join(lists).split(",") if one.strip() and not _NOT_WANTED.search(one)]
    wanted = {one.partition(";")[0].strip().lower() for one in ranges}
    for type_ in answered:
        if wanted & {type_, f"{type_.partition('/')[0]}/*", "*/*"}:
            return
    raise NotAcceptable(f"this is answered as {' or '.join(sorted(answered))}; accept that, or leave out Accept")
