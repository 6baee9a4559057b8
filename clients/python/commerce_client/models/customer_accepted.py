from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.customer_status import CustomerStatus

T = TypeVar("T", bound="CustomerAccepted")


@_attrs_define
class CustomerAccepted:
    """A customer's account is as they wanted it.

    Attributes:
        customer_id (UUID): The customer.
        position (int): The place in the log.
        status (CustomerStatus): Whether a customer can log in and order.
        version (int): How many events its stream has; the `ETag` in `If-Match`.
    """

    customer_id: UUID
    position: int
    status: CustomerStatus
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        customer_id = str(self.customer_id)

        position = self.position

        status = self.status.value

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "customer_id": customer_id,
                "position": position,
                "status": status,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        customer_id = UUID(d.pop("customer_id"))

        position = d.pop("position")

        status = CustomerStatus(d.pop("status"))

        version = d.pop("version")

        customer_accepted = cls(
            customer_id=customer_id,
            position=position,
            status=status,
            version=version,
        )

        customer_accepted.additional_properties = d
        return customer_accepted

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
