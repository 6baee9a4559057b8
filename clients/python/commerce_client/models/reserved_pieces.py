from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ReservedPieces")


@_attrs_define
class ReservedPieces:
    """Pieces of a SKU that are promised to an order and have not left yet.

    Attributes:
        number (None | str): What people call the order; null while the list of orders does not show it yet.
        order_id (UUID): The order.
        quantity (int): How many pieces.
    """

    number: None | str
    order_id: UUID
    quantity: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        number: None | str
        number = self.number

        order_id = str(self.order_id)

        quantity = self.quantity

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "number": number,
                "order_id": order_id,
                "quantity": quantity,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_number(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        number = _parse_number(d.pop("number"))

        order_id = UUID(d.pop("order_id"))

        quantity = d.pop("quantity")

        reserved_pieces = cls(
            number=number,
            order_id=order_id,
            quantity=quantity,
        )

        reserved_pieces.additional_properties = d
        return reserved_pieces

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
