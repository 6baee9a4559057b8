from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.proved_event_row import ProvedEventRow


T = TypeVar("T", bound="ProvedEvent")


@_attrs_define
class ProvedEvent:
    """An event as it is stored, and what leads from it to the root of the tree.

    Attributes:
        audit_path (list[str]): The hashes from it to the root (RFC 6962, section 2.1.1), in hexadecimal, the lowest
            first.
        leaf_index (int): Which event of the log it is, counted from 0.
        row (ProvedEventRow): Every column of it; what is personal is encrypted.
    """

    audit_path: list[str]
    leaf_index: int
    row: ProvedEventRow
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        audit_path = self.audit_path

        leaf_index = self.leaf_index

        row = self.row.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "audit_path": audit_path,
                "leaf_index": leaf_index,
                "row": row,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.proved_event_row import ProvedEventRow  # noqa: PLC0415

        d = dict(src_dict)
        audit_path = cast(list[str], d.pop("audit_path"))

        leaf_index = d.pop("leaf_index")

        row = ProvedEventRow.from_dict(d.pop("row"))

        proved_event = cls(
            audit_path=audit_path,
            leaf_index=leaf_index,
            row=row,
        )

        proved_event.additional_properties = d
        return proved_event

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
