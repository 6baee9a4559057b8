from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.provider_message_data import ProviderMessageData


T = TypeVar("T", bound="ProviderMessage")


@_attrs_define
class ProviderMessage:
    """Word of a payment provider, as Stripe and our own protocol have it; other fields are not looked at.

    Attributes:
        created (int): When it happened, in seconds since 1970.
        data (ProviderMessageData): What it is about: `authorization_id` and, if known, `order_id`; from Stripe, its
            `object`.
        id (str): The provider's own id of the message: the same however often it is sent.
        type_ (str): What happened, in the provider's word.
    """

    created: int
    data: ProviderMessageData
    id: str
    type_: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created = self.created

        data = self.data.to_dict()

        id = self.id

        type_ = self.type_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created": created,
                "data": data,
                "id": id,
                "type": type_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.provider_message_data import ProviderMessageData  # noqa: PLC0415

        d = dict(src_dict)
        created = d.pop("created")

        data = ProviderMessageData.from_dict(d.pop("data"))

        id = d.pop("id")

        type_ = d.pop("type")

        provider_message = cls(
            created=created,
            data=data,
            id=id,
            type_=type_,
        )

        provider_message.additional_properties = d
        return provider_message

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
