from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.log_finding_kind import LogFindingKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="LogFinding")


@_attrs_define
class LogFinding:
    """Something in the log, or in what is signed of it, that is not as it was signed.

    Attributes:
        detail (str): What is wrong, in words.
        kind (LogFindingKind): What was tampered with: an event, the order of events, the sealed tree, or a signed head.
        position (int | None | Unset): The event's place in the log; null where it is about no single event.
        stream (None | Unset | UUID): The stream that the event stands in; null likewise.
        topic (None | str | Unset): What kind of event it is; null likewise.
        version (int | None | Unset): Its place in its stream; null likewise.
    """

    detail: str
    kind: LogFindingKind
    position: int | None | Unset = UNSET
    stream: None | Unset | UUID = UNSET
    topic: None | str | Unset = UNSET
    version: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        detail = self.detail

        kind = self.kind.value

        position: int | None | Unset
        if isinstance(self.position, Unset):
            position = UNSET
        else:
            position = self.position

        stream: None | str | Unset
        if isinstance(self.stream, Unset):
            stream = UNSET
        elif isinstance(self.stream, UUID):
            stream = str(self.stream)
        else:
            stream = self.stream

        topic: None | str | Unset
        if isinstance(self.topic, Unset):
            topic = UNSET
        else:
            topic = self.topic

        version: int | None | Unset
        if isinstance(self.version, Unset):
            version = UNSET
        else:
            version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "detail": detail,
                "kind": kind,
            }
        )
        if position is not UNSET:
            field_dict["position"] = position
        if stream is not UNSET:
            field_dict["stream"] = stream
        if topic is not UNSET:
            field_dict["topic"] = topic
        if version is not UNSET:
            field_dict["version"] = version

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        detail = d.pop("detail")

        kind = LogFindingKind(d.pop("kind"))

        def _parse_position(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        position = _parse_position(d.pop("position", UNSET))

        def _parse_stream(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                stream_type_0 = UUID(data)

                return stream_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        stream = _parse_stream(d.pop("stream", UNSET))

        def _parse_topic(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        topic = _parse_topic(d.pop("topic", UNSET))

        def _parse_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        version = _parse_version(d.pop("version", UNSET))

        log_finding = cls(
            detail=detail,
            kind=kind,
            position=position,
            stream=stream,
            topic=topic,
            version=version,
        )

        log_finding.additional_properties = d
        return log_finding

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
