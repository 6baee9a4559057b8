"""The language that events are told in to a client (RFC 9110, 12.5.4): English where there is none that it wants."""

from __future__ import annotations

import re
from collections.abc import Mapping

from babel import negotiate_locale
from fastapi import Request, Response

from api.schemas.answers import json_answer
from commerce.audit.languages import ENGLISH, LANGUAGES, ToldLanguage, language_named

_WANTED = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")


def preferred_languages(accepted: str) -> list[str]:
    """The tags that an `Accept-Language` names, the most wanted first; what cannot be read names none."""
    read = [found for one in accepted.split(",") if (found := _WANTED.fullmatch(one))]
    wanted = [(float(found[2] or 1), found[1]) for found in read]
    return [tag for weight, tag in sorted(wanted, key=lambda one: -one[0]) if weight > 0]


def told_language(request: Request) -> ToldLanguage:
    """The language that a request is answered in."""
    preferred = preferred_languages(",".join(request.headers.getlist("accept-language")))
    wanted = negotiate_locale(preferred, LANGUAGES, sep="-")
    return next((language_named(code) for code in LANGUAGES if code == wanted), ENGLISH)


def told_answer(content: object, language: ToldLanguage, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of a query that tells of events in a language."""
    return json_answer(content, {**(headers or {}), **told_in(language)})


def told_in(language: ToldLanguage) -> dict[str, str]:
    """What the headers of an answer say of its language."""
    return {"Content-Language": language.code, "Vary": "Accept-Language"}
