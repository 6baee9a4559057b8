from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.customer_personal_data import CustomerPersonalData
from ..models.customer_status import CustomerStatus

if TYPE_CHECKING:
    from ..models.address import Address
    from ..models.erasure import Erasure


T = TypeVar("T", bound="Customer")


@_attrs_define
class Customer:
    """A customer; where `personal_data` is not `readable`, what is personal is null.

    Attributes:
        addresses (list[Address]): Where they may want shipments to go, the usual place first.
        customer_id (UUID): The customer.
        date_of_birth (datetime.date | None): The day on which they were born; null where none was given.
        email (None | str): What they log in with.
        email_confirmed (bool): Whether they showed that they read the mails that go there.
        erasure (Erasure | None): Who had their data erased, when, and how far that is; null where nobody asked for it.
        family_name (None | str): The name of their family; null where none was given.
        given_name (None | str): The name by which friends call them; null where none was given.
        personal_data (CustomerPersonalData): Whether what is personal can be shown: `readable`; `erased`, where it is
            null for good; or `key_missing`, where
            it is null until the operator has restored the key from a backup. More may come, so take any other word for `not
            readable`.
        phone (None | str): A telephone number; null where none was given.
        registered_at (datetime.datetime): When they registered.
        status (CustomerStatus): Whether a customer can log in and order.
        updated_at (datetime.datetime): When the newest event about them was recorded.
        version (int): How many events its stream has; the `ETag` in `If-Match`.
        wanted_email (None | str): What they want to log in with instead, once they confirm it by a mail there; null
            where nothing else.
    """

    addresses: list[Address]
    customer_id: UUID
    date_of_birth: datetime.date | None
    email: None | str
    email_confirmed: bool
    erasure: Erasure | None
    family_name: None | str
    given_name: None | str
    personal_data: CustomerPersonalData
    phone: None | str
    registered_at: datetime.datetime
    status: CustomerStatus
    updated_at: datetime.datetime
    version: int
    wanted_email: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.erasure import Erasure  # noqa: PLC0415

        addresses = []
        for addresses_item_data in self.addresses:
            addresses_item = addresses_item_data.to_dict()
            addresses.append(addresses_item)

        customer_id = str(self.customer_id)

        date_of_birth: None | str
        if isinstance(self.date_of_birth, datetime.date):
            date_of_birth = self.date_of_birth.isoformat()
        else:
            date_of_birth = self.date_of_birth

        email: None | str
        email = self.email

        email_confirmed = self.email_confirmed

        erasure: dict[str, Any] | None
        if isinstance(self.erasure, Erasure):
            erasure = self.erasure.to_dict()
        else:
            erasure = self.erasure

        family_name: None | str
        family_name = self.family_name

        given_name: None | str
        given_name = self.given_name

        personal_data = self.personal_data.value

        phone: None | str
        phone = self.phone

        registered_at = self.registered_at.isoformat()

        status = self.status.value

        updated_at = self.updated_at.isoformat()

        version = self.version

        wanted_email: None | str
        wanted_email = self.wanted_email

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "addresses": addresses,
                "customer_id": customer_id,
                "date_of_birth": date_of_birth,
                "email": email,
                "email_confirmed": email_confirmed,
                "erasure": erasure,
                "family_name": family_name,
                "given_name": given_name,
                "personal_data": personal_data,
                "phone": phone,
                "registered_at": registered_at,
                "status": status,
                "updated_at": updated_at,
                "version": version,
                "wanted_email": wanted_email,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.address import Address  # noqa: PLC0415
        from ..models.erasure import Erasure  # noqa: PLC0415

        d = dict(src_dict)
        addresses = []
        _addresses = d.pop("addresses")
        for addresses_item_data in _addresses:
            addresses_item = Address.from_dict(addresses_item_data)

            addresses.append(addresses_item)

        customer_id = UUID(d.pop("customer_id"))

        def _parse_date_of_birth(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                date_of_birth_type_0 = datetime.date.fromisoformat(data)

                return date_of_birth_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        date_of_birth = _parse_date_of_birth(d.pop("date_of_birth"))

        def _parse_email(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        email = _parse_email(d.pop("email"))

        email_confirmed = d.pop("email_confirmed")

        def _parse_erasure(data: object) -> Erasure | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                erasure_type_0 = Erasure.from_dict(data)

                return erasure_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Erasure | None, data)

        erasure = _parse_erasure(d.pop("erasure"))

        def _parse_family_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        family_name = _parse_family_name(d.pop("family_name"))

        def _parse_given_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        given_name = _parse_given_name(d.pop("given_name"))

        personal_data = CustomerPersonalData(d.pop("personal_data"))

        def _parse_phone(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        phone = _parse_phone(d.pop("phone"))

        registered_at = datetime.datetime.fromisoformat(d.pop("registered_at"))

        status = CustomerStatus(d.pop("status"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        version = d.pop("version")

        def _parse_wanted_email(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        wanted_email = _parse_wanted_email(d.pop("wanted_email"))

        customer = cls(
            addresses=addresses,
            customer_id=customer_id,
            date_of_birth=date_of_birth,
            email=email,
            email_confirmed=email_confirmed,
            erasure=erasure,
            family_name=family_name,
            given_name=given_name,
            personal_data=personal_data,
            phone=phone,
            registered_at=registered_at,
            status=status,
            updated_at=updated_at,
            version=version,
            wanted_email=wanted_email,
        )

        customer.additional_properties = d
        return customer

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
