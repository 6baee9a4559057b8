from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="DefinitionInUse")


@_attrs_define
class DefinitionInUse:
    """How many orders end under one version of the process's definition.

    Attributes:
        definition (int): The version that they began with.
        unfinished_orders (int): How many of them wait for something; 10000 stands for that many or more.
    """

    definition: int
    unfinished_orders: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        definition = self.definition

        unfinished_orders = self.unfinished_orders

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "definition": definition,
                "unfinished_orders": unfinished_orders,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        definition = d.pop("definition")

        unfinished_orders = d.pop("unfinished_orders")

        definition_in_use = cls(
            definition=definition,
            unfinished_orders=unfinished_orders,
        )

        definition_in_use.additional_properties = d
        return definition_in_use

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
