from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.intervention_recorded_action import InterventionRecordedAction

T = TypeVar("T", bound="InterventionRecorded")


@_attrs_define
class InterventionRecorded:
    """The intervention is on record; the process manager acts on it at once.

    Attributes:
        action (InterventionRecordedAction): What the process is to do.
        order_id (UUID): The order.
        position (int): The place in the log.
    """

    action: InterventionRecordedAction
    order_id: UUID
    position: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action = self.action.value

        order_id = str(self.order_id)

        position = self.position

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
                "order_id": order_id,
                "position": position,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        action = InterventionRecordedAction(d.pop("action"))

        order_id = UUID(d.pop("order_id"))

        position = d.pop("position")

        intervention_recorded = cls(
            action=action,
            order_id=order_id,
            position=position,
        )

        intervention_recorded.additional_properties = d
        return intervention_recorded

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
