"""Whether clients of one OpenAPI document go on working with another: what was possible stays possible, and what was
promised stays promised.

New paths, parameters and fields that may be left out, statuses of errors, and in answers fields, words of a choice and
wider bounds break nobody; everything that takes away does. As bodies and queries are read strictly, a field that is
gone is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

Json = Mapping[str, Any]

_LEAST = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_MOST = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_SAME = ("pattern", "format", "contentMediaType")
_SUCCESS = "2"
_MOST_LEVELS = 40


def breaking_changes(before: Json, after: Json) -> list[str]:
    """What of one document a client can rely on no more with another; empty where nothing is."""
    found: list[str] = []
    for path, operations in before["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            present = after["paths"].get(path, {}).get(method)
            if present is None:
                found.append(f"{name} is gone")
            else:
                found += [f"{name}: {change}" for change in _operation(before, after, operation, present)]
    return found


def _operation(before: Json, after: Json, old: Json, new: Json) -> Iterator[str]:
    if old["operationId"] != new["operationId"]:
        yield f"its operationId {old['operationId']} is {new['operationId']}"
    yield from _security(old.get("security"), new.get("security"))
    yield from _parameters(before, after, old, new)
    yield from _body(before, after, old.get("requestBody"), new.get("requestBody"))
    for status, answer in old["responses"].items():
        if status.startswith(_SUCCESS):
            yield from _answer(before, after, status, answer, new["responses"].get(status))


def _security(old: list[Json] | None, new: list[Json] | None) -> Iterator[str]:
    if old is None and new is not None:
        yield "it needs a token"
    elif old is not None and new is not None:
        lost = [str(one) for one in old if one not in new]
        if lost:
            yield f"it is closed to {', '.join(lost)}"


def _parameters(before: Json, after: Json, old: Json, new: Json) -> Iterator[str]:
    known, present = ({(one["in"], one["name"]): one for one in each.get("parameters", ())} for each in (old, new))
    for key, parameter in known.items():
        where = f"the {key[0]} parameter {key[1]}"
        if key not in present:
            yield f"{where} is gone"
            continue
        if present[key].get("required") and not parameter.get("required"):
            yield f"{where} is needed"
        comparison = _Comparison(before, after, where, is_answer=False)
        yield from comparison.excluded(parameter.get("schema", {}), present[key].get("schema", {}))
    for key, parameter in present.items():
        if key not in known and parameter.get("required"):
            yield f"the {key[0]} parameter {key[1]} is new and needed"


def _body(before: Json, after: Json, old: Json | None, new: Json | None) -> Iterator[str]:
    if new is None:
        if old is not None:
            yield "it takes no body"
        return
    if new.get("required") and not (old or {}).get("required"):
        yield "it needs a body"
    for media_type, content in (old or {}).get("content", {}).items():
        if media_type not in new["content"]:
            yield f"it takes no {media_type}"
            continue
        comparison = _Comparison(before, after, "the body", is_answer=False)
        yield from comparison.excluded(content["schema"], new["content"][media_type]["schema"])


def _answer(before: Json, after: Json, status: str, old: Json, new: Json | None) -> Iterator[str]:
    if new is None:
        yield f"it does not answer {status}"
        return
    for header in old.get("headers", {}).keys() - new.get("headers", {}).keys():
        yield f"its answer {status} has no {header}"
    for media_type, content in old.get("content", {}).items():
        if media_type not in new.get("content", {}):
            yield f"it does not answer {status} as {media_type}"
            continue
        comparison = _Comparison(after, before, f"its answer {status}", is_answer=True)
        yield from comparison.excluded(new["content"][media_type].get("schema", {}), content.get("schema", {}))


@dataclass(frozen=True)
class _Comparison:
    """Looks for values that one schema allows and another does not: of a request, the former and the present schema; of
    an answer, the present and the former one."""

    of: Json
    by: Json
    where: str
    is_answer: bool
    seen: frozenset[tuple[str, str]] = frozenset()
    levels: int = 0

    def excluded(self, allowed: Json, limits: Json) -> Iterator[str]:
        """Why a value that `allowed` allows is none of `limits`."""
        names = str(allowed.get("$ref")), str(limits.get("$ref"))
        if names in self.seen or self.levels > _MOST_LEVELS:
            return
        inner = self if names == ("None", "None") else replace(self, seen=self.seen | {names})
        allowed, limits = _resolved(self.of, allowed), _resolved(self.by, limits)
        choices, others = _choices(allowed), _choices(limits)
        if len(choices) == len(others) == 1:
            yield from inner._excluded(choices[0], others[0])
            return
        for choice in choices:
            reasons = [list(inner.excluded(choice, other)) for other in others]
            if all(reasons):
                alike = [
                    why[0]
                    for why, other in zip(reasons, others, strict=True)
                    if _types(_resolved(self.of, choice)) == _types(_resolved(self.by, other))
                ]
                yield alike[0] if alike else f"{self.where} may be {_told(choice)}"

    def _excluded(self, allowed: Json, limits: Json) -> Iterator[str]:
        types, others = _types(allowed), _types(limits)
        if others and not (types and types <= others):
            yield f"{self.where} is {_told(allowed)}, not {_told(limits)}"
            return
        yield from self._words(allowed, limits)
        if not self.is_answer:
            yield from self._bounds(allowed, limits)
        if "items" in limits:
            yield from self._at("[]").excluded(allowed.get("items", {}), limits["items"])
        yield from self._fields(allowed, limits)

    def _bounds(self, allowed: Json, limits: Json) -> Iterator[str]:
        for name in _SAME:
            if name in limits and allowed.get(name) != limits[name]:
                yield f"{self.where} has another {name}"
        for name in (*_LEAST, *_MOST):
            if name in limits and self._is_outside(allowed.get(name), limits[name], is_least=name in _LEAST):
                yield f"{self.where} has another {name}"

    def _words(self, allowed: Json, limits: Json) -> Iterator[str]:
        words, others = _words_of(allowed), _words_of(limits)
        if others is None or (self.is_answer and words is not None):  # answers may get more words
            return
        lost = [str(word) for word in words or ("any other word",) if word not in others]
        if lost:
            yield f"{self.where} is not {', '.join(lost)}"

    def _fields(self, allowed: Json, limits: Json) -> Iterator[str]:
        fields, others = allowed.get("properties", {}), limits.get("properties", {})
        for name in sorted(set(limits.get("required", ())) - set(allowed.get("required", ()))):
            yield f"{self.where}.{name} " + ("may be left out" if self.is_answer else "is needed")
        if self.is_answer:
            for name in sorted(others.keys() - fields.keys() - set(limits.get("required", ()))):
                yield f"{self.where}.{name} is gone"
        for name, field in fields.items():
            if name in others:
                yield from self._at(f".{name}").excluded(field, others[name])
            elif not self.is_answer and limits.get("additionalProperties") is False:
                yield f"{self.where}.{name} is gone"
        values, limit = allowed.get("additionalProperties"), limits.get("additionalProperties")
        if isinstance(values, dict) and isinstance(limit, dict):
            yield from self._at(".*").excluded(values, limit)

    def _at(self, place: str) -> _Comparison:
        return replace(self, where=f"{self.where}{place}", levels=self.levels + 1)

    @staticmethod
    def _is_outside(allowed: float | None, limit: float, *, is_least: bool) -> bool:
        if allowed is None:
            return not (is_least and limit == 0)
        return allowed < limit if is_least else allowed > limit


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = {**document["components"]["schemas"][name], **{k: v for k, v in schema.items() if k != "$ref"}}
    return schema


def _choices(schema: Json) -> list[Json]:
    for name in ("anyOf", "oneOf"):
        if name in schema:
            return list(schema[name])
    return [schema]


def _types(schema: Json) -> set[str]:
    """The types of values, where they are said; a whole number is a number."""
    said = schema.get("type", [])
    types = {said} if isinstance(said, str) else set(said)
    if not types and "const" in schema:
        types = {"string"} if isinstance(schema["const"], str) else set()
    return types | ({"integer"} if "number" in types else set())


def _words_of(schema: Json) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    words: list[Any] | None = schema.get("enum")
    return words


def _told(schema: Json) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2] or "/".join(sorted(_types(schema))) or "anything"
