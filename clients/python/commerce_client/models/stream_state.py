from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.stream_state_state_type_0 import StreamStateStateType0


T = TypeVar("T", bound="StreamState")


@_attrs_define
class StreamState:
    """A stream as its events up to `position` leave it; `kind` says what it is, and with that what `state` holds.

    Attributes:
        kind (str): What it is.
        position (int): The position of the last event that is counted in.
        recorded_at (datetime.datetime): When that event was recorded.
        state (None | StreamStateStateType0): What the events add up to; its fields differ from kind to kind.
        stream_id (UUID): The stream the event stands in: one order, stock item, payment, shipment, product or process.
        version (int): How many events of the stream are counted in.
    """

    kind: str
    position: int
    recorded_at: datetime.datetime
    state: None | StreamStateStateType0
    stream_id: UUID
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.stream_state_state_type_0 import StreamStateStateType0  # noqa: PLC0415

        kind = self.kind

        position = self.position

        recorded_at = self.recorded_at.isoformat()

        state: dict[str, Any] | None
        if isinstance(self.state, StreamStateStateType0):
            state = self.state.to_dict()
        else:
            state = self.state

        stream_id = str(self.stream_id)

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "position": position,
                "recorded_at": recorded_at,
                "state": state,
                "stream_id": stream_id,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.stream_state_state_type_0 import StreamStateStateType0  # noqa: PLC0415

        d = dict(src_dict)
        kind = d.pop("kind")

        position = d.pop("position")

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        def _parse_state(data: object) -> None | StreamStateStateType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                state_type_0 = StreamStateStateType0.from_dict(data)

                return state_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StreamStateStateType0, data)

        state = _parse_state(d.pop("state"))

        stream_id = UUID(d.pop("stream_id"))

        version = d.pop("version")

        stream_state = cls(
            kind=kind,
            position=position,
            recorded_at=recorded_at,
            state=state,
            stream_id=stream_id,
            version=version,
        )

        stream_state.additional_properties = d
        return stream_state

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
