from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ParkedEvent")


@_attrs_define
class ParkedEvent:
    """One event of a group, as its subscription would read it now; sealed fields stay sealed.

    Attributes:
        attempts (int): How often it was tried.
        correlation_id (None | UUID): The order it belongs to; null where it names none.
        due_at (datetime.datetime | None): When it is tried again by itself; null where it is not any more.
        failed_at (datetime.datetime): When it was tried last.
        is_edited (bool): Whether that was corrected.
        number (None | str): What people call that order; null where it names none, and while the list of orders does
            not show it yet.
        parked_at (datetime.datetime): Since when it is parked.
        payload (Any):
        position (int): Where it stands in the log.
        problem (str): What the error said.
        sequence (str): What waits for it: an order, or a stream.
        stream_id (UUID): The stream it stands in.
        topic (str): What kind of event it is.
        version (int): Its number in that stream.
    """

    attempts: int
    correlation_id: None | UUID
    due_at: datetime.datetime | None
    failed_at: datetime.datetime
    is_edited: bool
    number: None | str
    parked_at: datetime.datetime
    payload: Any
    position: int
    problem: str
    sequence: str
    stream_id: UUID
    topic: str
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempts = self.attempts

        correlation_id: None | str
        if isinstance(self.correlation_id, UUID):
            correlation_id = str(self.correlation_id)
        else:
            correlation_id = self.correlation_id

        due_at: None | str
        if isinstance(self.due_at, datetime.datetime):
            due_at = self.due_at.isoformat()
        else:
            due_at = self.due_at

        failed_at = self.failed_at.isoformat()

        is_edited = self.is_edited

        number: None | str
        number = self.number

        parked_at = self.parked_at.isoformat()

        payload = self.payload

        position = self.position

        problem = self.problem

        sequence = self.sequence

        stream_id = str(self.stream_id)

        topic = self.topic

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempts": attempts,
                "correlation_id": correlation_id,
                "due_at": due_at,
                "failed_at": failed_at,
                "is_edited": is_edited,
                "number": number,
                "parked_at": parked_at,
                "payload": payload,
                "position": position,
                "problem": problem,
                "sequence": sequence,
                "stream_id": stream_id,
                "topic": topic,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        attempts = d.pop("attempts")

        def _parse_correlation_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                correlation_id_type_0 = UUID(data)

                return correlation_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        correlation_id = _parse_correlation_id(d.pop("correlation_id"))

        def _parse_due_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_at_type_0 = datetime.datetime.fromisoformat(data)

                return due_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        due_at = _parse_due_at(d.pop("due_at"))

        failed_at = datetime.datetime.fromisoformat(d.pop("failed_at"))

        is_edited = d.pop("is_edited")

        def _parse_number(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        number = _parse_number(d.pop("number"))

        parked_at = datetime.datetime.fromisoformat(d.pop("parked_at"))

        payload = d.pop("payload")

        position = d.pop("position")

        problem = d.pop("problem")

        sequence = d.pop("sequence")

        stream_id = UUID(d.pop("stream_id"))

        topic = d.pop("topic")

        version = d.pop("version")

        parked_event = cls(
            attempts=attempts,
            correlation_id=correlation_id,
            due_at=due_at,
            failed_at=failed_at,
            is_edited=is_edited,
            number=number,
            parked_at=parked_at,
            payload=payload,
            position=position,
            problem=problem,
            sequence=sequence,
            stream_id=stream_id,
            topic=topic,
            version=version,
        )

        parked_event.additional_properties = d
        return parked_event

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
