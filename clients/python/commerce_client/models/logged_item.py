from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.logged_item_data import LoggedItemData


T = TypeVar("T", bound="LoggedItem")


@_attrs_define
class LoggedItem:
    """One event of the log, with what people call the order that it is about.

    Attributes:
        actor (str): Who did it: role and subject, such as `operator:anna`.
        causation_id (int | None): The position of the event that this one follows from; null for what somebody asked
            for.
        correlation_id (None | UUID): The order or the customer it is about; null for events about products and stock
            alone.
        data (LoggedItemData): The event's own fields, by name; they differ from topic to topic.
        position (int): The place in the log.
        recorded_at (datetime.datetime): When it was recorded, by the database's clock.
        stream_id (UUID): The stream the event stands in: one order, stock item, payment, shipment, product or process.
        text (str): The event in plain words.
        topic (str): What kind of event it is, such as `ordering.OrderPlaced`.
        version (int): Its place in its stream, from 1.
        number (None | str | Unset): What people call that order; null where it is about none, and while the list of
            orders does not show it yet.
        who (None | str | Unset): Their name: the e-mail address of a member of staff, or how they are called otherwise;
            null where they are known
            by an id alone.
    """

    actor: str
    causation_id: int | None
    correlation_id: None | UUID
    data: LoggedItemData
    position: int
    recorded_at: datetime.datetime
    stream_id: UUID
    text: str
    topic: str
    version: int
    number: None | str | Unset = UNSET
    who: None | str | Unset = UNSET
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

        data = self.data.to_dict()

        position = self.position

        recorded_at = self.recorded_at.isoformat()

        stream_id = str(self.stream_id)

        text = self.text

        topic = self.topic

        version = self.version

        number: None | str | Unset
        if isinstance(self.number, Unset):
            number = UNSET
        else:
            number = self.number

        who: None | str | Unset
        if isinstance(self.who, Unset):
            who = UNSET
        else:
            who = self.who

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "actor": actor,
                "causation_id": causation_id,
                "correlation_id": correlation_id,
                "data": data,
                "position": position,
                "recorded_at": recorded_at,
                "stream_id": stream_id,
                "text": text,
                "topic": topic,
                "version": version,
            }
        )
        if number is not UNSET:
            field_dict["number"] = number
        if who is not UNSET:
            field_dict["who"] = who

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.logged_item_data import LoggedItemData  # noqa: PLC0415

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

        data = LoggedItemData.from_dict(d.pop("data"))

        position = d.pop("position")

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        stream_id = UUID(d.pop("stream_id"))

        text = d.pop("text")

        topic = d.pop("topic")

        version = d.pop("version")

        def _parse_number(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        number = _parse_number(d.pop("number", UNSET))

        def _parse_who(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        who = _parse_who(d.pop("who", UNSET))

        logged_item = cls(
            actor=actor,
            causation_id=causation_id,
            correlation_id=correlation_id,
            data=data,
            position=position,
            recorded_at=recorded_at,
            stream_id=stream_id,
            text=text,
            topic=topic,
            version=version,
            number=number,
            who=who,
        )

        logged_item.additional_properties = d
        return logged_item

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
