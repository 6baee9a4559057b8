from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.intervention_preview_action import InterventionPreviewAction

if TYPE_CHECKING:
    from ..models.previewed_event import PreviewedEvent


T = TypeVar("T", bound="InterventionPreview")


@_attrs_define
class InterventionPreview:
    """What an intervention would lead to at once, of which nothing is recorded; or what it has led to.

    Attributes:
        action (InterventionPreviewAction): What the process would do, or does.
        asked (list[str]): What would be asked of other parts, or was, in plain words.
        order_id (UUID): The order.
        recorded (list[PreviewedEvent]): What would be recorded, or was, in this order.
        version (int): The version of the process that it was decided on, or has now; the `ETag` in `If-Match`.
    """

    action: InterventionPreviewAction
    asked: list[str]
    order_id: UUID
    recorded: list[PreviewedEvent]
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action = self.action.value

        asked = self.asked

        order_id = str(self.order_id)

        recorded = []
        for recorded_item_data in self.recorded:
            recorded_item = recorded_item_data.to_dict()
            recorded.append(recorded_item)

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
                "asked": asked,
                "order_id": order_id,
                "recorded": recorded,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.previewed_event import PreviewedEvent  # noqa: PLC0415

        d = dict(src_dict)
        action = InterventionPreviewAction(d.pop("action"))

        asked = cast(list[str], d.pop("asked"))

        order_id = UUID(d.pop("order_id"))

        recorded = []
        _recorded = d.pop("recorded")
        for recorded_item_data in _recorded:
            recorded_item = PreviewedEvent.from_dict(recorded_item_data)

            recorded.append(recorded_item)

        version = d.pop("version")

        intervention_preview = cls(
            action=action,
            asked=asked,
            order_id=order_id,
            recorded=recorded,
            version=version,
        )

        intervention_preview.additional_properties = d
        return intervention_preview

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
