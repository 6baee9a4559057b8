from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.add_member_role import AddMemberRole
from ..models.add_member_scopes_type_0_item_type_0 import AddMemberScopesType0ItemType0
from ..models.add_member_scopes_type_0_item_type_1 import AddMemberScopesType0ItemType1
from ..types import UNSET, Unset

T = TypeVar("T", bound="AddMember")


@_attrs_define
class AddMember:
    """Somebody who is to be a member of staff.

    Attributes:
        email (str): Where the invitation goes, and what they log in with; capitals make no difference.
        role (AddMemberRole): What they may do.
        scopes (list[AddMemberScopesType0ItemType0 | AddMemberScopesType0ItemType1] | None | Unset): What of that they
            may do; all of it where it is left out or null. Name the fewest that serve.
    """

    email: str
    role: AddMemberRole
    scopes: list[AddMemberScopesType0ItemType0 | AddMemberScopesType0ItemType1] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        role = self.role.value

        scopes: list[str] | None | Unset
        if isinstance(self.scopes, Unset):
            scopes = UNSET
        elif isinstance(self.scopes, list):
            scopes = []
            for scopes_type_0_item_data in self.scopes:
                scopes_type_0_item: str
                if isinstance(scopes_type_0_item_data, AddMemberScopesType0ItemType0):
                    scopes_type_0_item = scopes_type_0_item_data.value
                else:
                    scopes_type_0_item = scopes_type_0_item_data.value

                scopes.append(scopes_type_0_item)

        else:
            scopes = self.scopes

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
                "role": role,
            }
        )
        if scopes is not UNSET:
            field_dict["scopes"] = scopes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        role = AddMemberRole(d.pop("role"))

        def _parse_scopes(
            data: object,
        ) -> list[AddMemberScopesType0ItemType0 | AddMemberScopesType0ItemType1] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                scopes_type_0 = []
                _scopes_type_0 = data
                for scopes_type_0_item_data in _scopes_type_0:

                    def _parse_scopes_type_0_item(
                        data: object,
                    ) -> AddMemberScopesType0ItemType0 | AddMemberScopesType0ItemType1:
                        try:
                            if not isinstance(data, str):
                                raise TypeError()
                            scopes_type_0_item_type_0 = AddMemberScopesType0ItemType0(data)

                            return scopes_type_0_item_type_0
                        except (TypeError, ValueError, AttributeError, KeyError):
                            pass
                        if not isinstance(data, str):
                            raise TypeError()
                        scopes_type_0_item_type_1 = AddMemberScopesType0ItemType1(data)

                        return scopes_type_0_item_type_1

                    scopes_type_0_item = _parse_scopes_type_0_item(scopes_type_0_item_data)

                    scopes_type_0.append(scopes_type_0_item)

                return scopes_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[AddMemberScopesType0ItemType0 | AddMemberScopesType0ItemType1] | None | Unset, data)

        scopes = _parse_scopes(d.pop("scopes", UNSET))

        add_member = cls(
            email=email,
            role=role,
            scopes=scopes,
        )

        return add_member
