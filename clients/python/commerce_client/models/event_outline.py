from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="EventOutline")


@_attrs_define
class EventOutline:
    """Where an event stands, who did it and what it is about, without what it says.

    Attributes:
        actor (str): Who did it: role and subject, such as `operator:anna`.
        causation_id (int | None): The position of the event that this one follows from; null for what somebody asked
            for.
        correlation_id (None | UUID): The order or the customer it is about; null for events about products and stock
            alone.
        position (int): The place in the log.
        recorded_at (datetime.datetime): When it was recorded, by the database's clock.
        stream_id (UUID): The stream the event stands in.
        topic (str): What kind of event it is, such as `ordering.OrderPlaced`.
        version (int): Its place in its stream, from 1.
    """

    actor: str
    causation_id: int | None
    correlation_id: None | UUID
    position: int
    recorded_at: datetime.datetime
    stream_id: UUID
    topic: str
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        actor = self.actor

        causation_id: int | None
        causation_id = self.causation_id

        correlation_id: None | str
        if isinstance(self.correlation_id, UUID):
            correlation_id = str(self.correlation_id)
        else:
            correlation_id = self.correlation_id

        position = self.position

        recorded_at = self.recorded_at.isoformat()

        stream_id = str(self.stream_id)

        topic = self.topic

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "actor": actor,
                "causation_id": causation_id,
                "correlation_id": correlation_id,
                "position": position,
                "recorded_at": recorded_at,
                "stream_id": stream_id,
                "topic": topic,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        actor = d.pop("actor")

        def _parse_causation_id(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        causation_id = _parse_causation_id(d.pop("causation_id"))

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

        position = d.pop("position")

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        stream_id = UUID(d.pop("stream_id"))

        topic = d.pop("topic")

        version = d.pop("version")

        event_outline = cls(
            actor=actor,
            causation_id=causation_id,
            correlation_id=correlation_id,
            position=position,
            recorded_at=recorded_at,
            stream_id=stream_id,
            topic=topic,
            version=version,
        )

        event_outline.additional_properties = d
        return event_outline

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
