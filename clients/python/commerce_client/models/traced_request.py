from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.caused import Caused


T = TypeVar("T", bound="TracedRequest")


@_attrs_define
class TracedRequest:
    """What one request of somebody led to; events without a request's id are of the system's own accord.

    Attributes:
        actor (str): Who did it: role and subject, such as `operator:anna`.
        caused (list[Caused]): What followed from it.
        recorded_at (datetime.datetime): When it was recorded, by the database's clock.
        request_id (None | str): The request it came with; null for what the system did of its own accord.
        who (None | str): Their name: the e-mail address of a member of staff, or how they are called otherwise; null
            where they are known
            by an id alone.
    """

    actor: str
    caused: list[Caused]
    recorded_at: datetime.datetime
    request_id: None | str
    who: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        actor = self.actor

        caused = []
        for caused_item_data in self.caused:
            caused_item = caused_item_data.to_dict()
            caused.append(caused_item)

        recorded_at = self.recorded_at.isoformat()

        request_id: None | str
        request_id = self.request_id

        who: None | str
        who = self.who

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "actor": actor,
                "caused": caused,
                "recorded_at": recorded_at,
                "request_id": request_id,
                "who": who,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.caused import Caused  # noqa: PLC0415

        d = dict(src_dict)
        actor = d.pop("actor")

        caused = []
        _caused = d.pop("caused")
        for caused_item_data in _caused:
            caused_item = Caused.from_dict(caused_item_data)

            caused.append(caused_item)

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        def _parse_request_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        request_id = _parse_request_id(d.pop("request_id"))

        def _parse_who(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        who = _parse_who(d.pop("who"))

        traced_request = cls(
            actor=actor,
            caused=caused,
            recorded_at=recorded_at,
            request_id=request_id,
            who=who,
        )

        traced_request.additional_properties = d
        return traced_request

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
