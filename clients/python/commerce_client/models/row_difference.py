from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.row_difference_kind import RowDifferenceKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="RowDifference")


@_attrs_define
class RowDifference:
    """A row that is not what its events say; `fields` that differ are named without their values, which may be
    personal.

    `failing`: what its events say is not known, as one of them cannot be folded.

        Attributes:
            key (str): The row's primary key.
            kind (RowDifferenceKind): What it is.
            fields (list[str] | Unset): The names of the fields that differ.
    """

    key: str
    kind: RowDifferenceKind
    fields: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        key = self.key

        kind = self.kind.value

        fields: list[str] | Unset = UNSET
        if not isinstance(self.fields, Unset):
            fields = self.fields

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "key": key,
                "kind": kind,
            }
        )
        if fields is not UNSET:
            field_dict["fields"] = fields

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        key = d.pop("key")

        kind = RowDifferenceKind(d.pop("kind"))

        fields = cast(list[str], d.pop("fields", UNSET))

        row_difference = cls(
            key=key,
            kind=kind,
            fields=fields,
        )

        row_difference.additional_properties = d
        return row_difference

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
