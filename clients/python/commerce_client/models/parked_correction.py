from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.parked_correction_payload import ParkedCorrectionPayload


T = TypeVar("T", bound="ParkedCorrection")


@_attrs_define
class ParkedCorrection:
    """What the events are to say instead.

    Attributes:
        reason (str): Why; personal data stays sealed.
        payload (ParkedCorrectionPayload | Unset): A JSON merge patch (RFC 7396): fields that are replaced, or taken out
            by null.
        positions (list[int] | None | Unset): Only these of the group; left out: all of it.
        topic (None | str | Unset): Another kind of event.
    """

    reason: str
    payload: ParkedCorrectionPayload | Unset = UNSET
    positions: list[int] | None | Unset = UNSET
    topic: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        reason = self.reason

        payload: dict[str, Any] | Unset = UNSET
        if not isinstance(self.payload, Unset):
            payload = self.payload.to_dict()

        positions: list[int] | None | Unset
        if isinstance(self.positions, Unset):
            positions = UNSET
        elif isinstance(self.positions, list):
            positions = self.positions

        else:
            positions = self.positions

        topic: None | str | Unset
        if isinstance(self.topic, Unset):
            topic = UNSET
        else:
            topic = self.topic

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reason": reason,
            }
        )
        if payload is not UNSET:
            field_dict["payload"] = payload
        if positions is not UNSET:
            field_dict["positions"] = positions
        if topic is not UNSET:
            field_dict["topic"] = topic

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.parked_correction_payload import ParkedCorrectionPayload  # noqa: PLC0415

        d = dict(src_dict)
        reason = d.pop("reason")

        _payload = d.pop("payload", UNSET)
        payload: ParkedCorrectionPayload | Unset
        if isinstance(_payload, Unset):
            payload = UNSET
        else:
            payload = ParkedCorrectionPayload.from_dict(_payload)

        def _parse_positions(data: object) -> list[int] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                positions_type_0 = cast(list[int], data)

                return positions_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None | Unset, data)

        positions = _parse_positions(d.pop("positions", UNSET))

        def _parse_topic(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        topic = _parse_topic(d.pop("topic", UNSET))

        parked_correction = cls(
            reason=reason,
            payload=payload,
            positions=positions,
            topic=topic,
        )

        return parked_correction
