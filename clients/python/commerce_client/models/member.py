from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.member_personal_data import MemberPersonalData
from ..models.member_role import MemberRole
from ..models.staff_status import StaffStatus

T = TypeVar("T", bound="Member")


@_attrs_define
class Member:
    """A member of staff.

    Attributes:
        accepted_at (datetime.datetime | None): When they set up their account last; null where they never did.
        deactivated_at (datetime.datetime | None): When the account was closed; null where it is not.
        email (None | str): What they log in with; null where it cannot be read.
        invited_at (datetime.datetime): When that was.
        invited_by (str): Who invited them last: role and subject.
        invited_until (datetime.datetime | None): Until when the invitation is good; null without an open one.
        member_id (UUID): What they do is on record as done by their role and this id.
        personal_data (MemberPersonalData): Whether the e-mail address can be read.
        role (MemberRole): What they may do.
        scopes (list[str] | None): What of that they may do; null for all of it.
        status (StaffStatus): Where a member of staff stands.
    """

    accepted_at: datetime.datetime | None
    deactivated_at: datetime.datetime | None
    email: None | str
    invited_at: datetime.datetime
    invited_by: str
    invited_until: datetime.datetime | None
    member_id: UUID
    personal_data: MemberPersonalData
    role: MemberRole
    scopes: list[str] | None
    status: StaffStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        accepted_at: None | str
        if isinstance(self.accepted_at, datetime.datetime):
            accepted_at = self.accepted_at.isoformat()
        else:
            accepted_at = self.accepted_at

        deactivated_at: None | str
        if isinstance(self.deactivated_at, datetime.datetime):
            deactivated_at = self.deactivated_at.isoformat()
        else:
            deactivated_at = self.deactivated_at

        email: None | str
        email = self.email

        invited_at = self.invited_at.isoformat()

        invited_by = self.invited_by

        invited_until: None | str
        if isinstance(self.invited_until, datetime.datetime):
            invited_until = self.invited_until.isoformat()
        else:
            invited_until = self.invited_until

        member_id = str(self.member_id)

        personal_data = self.personal_data.value

        role = self.role.value

        scopes: list[str] | None
        if isinstance(self.scopes, list):
            scopes = self.scopes

        else:
            scopes = self.scopes

        status = self.status.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "accepted_at": accepted_at,
                "deactivated_at": deactivated_at,
                "email": email,
                "invited_at": invited_at,
                "invited_by": invited_by,
                "invited_until": invited_until,
                "member_id": member_id,
                "personal_data": personal_data,
                "role": role,
                "scopes": scopes,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_accepted_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                accepted_at_type_0 = datetime.datetime.fromisoformat(data)

                return accepted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        accepted_at = _parse_accepted_at(d.pop("accepted_at"))

        def _parse_deactivated_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deactivated_at_type_0 = datetime.datetime.fromisoformat(data)

                return deactivated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        deactivated_at = _parse_deactivated_at(d.pop("deactivated_at"))

        def _parse_email(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        email = _parse_email(d.pop("email"))

        invited_at = datetime.datetime.fromisoformat(d.pop("invited_at"))

        invited_by = d.pop("invited_by")

        def _parse_invited_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                invited_until_type_0 = datetime.datetime.fromisoformat(data)

                return invited_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        invited_until = _parse_invited_until(d.pop("invited_until"))

        member_id = UUID(d.pop("member_id"))

        personal_data = MemberPersonalData(d.pop("personal_data"))

        role = MemberRole(d.pop("role"))

        def _parse_scopes(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                scopes_type_0 = cast(list[str], data)

                return scopes_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        scopes = _parse_scopes(d.pop("scopes"))

        status = StaffStatus(d.pop("status"))

        member = cls(
            accepted_at=accepted_at,
            deactivated_at=deactivated_at,
            email=email,
            invited_at=invited_at,
            invited_by=invited_by,
            invited_until=invited_until,
            member_id=member_id,
            personal_data=personal_data,
            role=role,
            scopes=scopes,
            status=status,
        )

        member.additional_properties = d
        return member

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
