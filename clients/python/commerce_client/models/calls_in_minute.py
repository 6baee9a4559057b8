from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.calls_in_minute_calls import CallsInMinuteCalls
    from ..models.calls_in_minute_unanswered import CallsInMinuteUnanswered


T = TypeVar("T", bound="CallsInMinute")


@_attrs_define
class CallsInMinute:
    """The calls that were begun within a minute (UTC), and what came of those that had no outcome, by who makes them:
    `payments` calls the payment provider, `shipping` the carrier.

        Attributes:
            begin (datetime.datetime): When it begins.
            calls (CallsInMinuteCalls | Unset): How many calls were begun.
            unanswered (CallsInMinuteUnanswered | Unset): How many were found to have no answer, or one that puts it off.
    """

    begin: datetime.datetime
    calls: CallsInMinuteCalls | Unset = UNSET
    unanswered: CallsInMinuteUnanswered | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        begin = self.begin.isoformat()

        calls: dict[str, Any] | Unset = UNSET
        if not isinstance(self.calls, Unset):
            calls = self.calls.to_dict()

        unanswered: dict[str, Any] | Unset = UNSET
        if not isinstance(self.unanswered, Unset):
            unanswered = self.unanswered.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "begin": begin,
            }
        )
        if calls is not UNSET:
            field_dict["calls"] = calls
        if unanswered is not UNSET:
            field_dict["unanswered"] = unanswered

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.calls_in_minute_calls import CallsInMinuteCalls  # noqa: PLC0415
        from ..models.calls_in_minute_unanswered import CallsInMinuteUnanswered  # noqa: PLC0415

        d = dict(src_dict)
        begin = datetime.datetime.fromisoformat(d.pop("begin"))

        _calls = d.pop("calls", UNSET)
        calls: CallsInMinuteCalls | Unset
        if isinstance(_calls, Unset):
            calls = UNSET
        else:
            calls = CallsInMinuteCalls.from_dict(_calls)

        _unanswered = d.pop("unanswered", UNSET)
        unanswered: CallsInMinuteUnanswered | Unset
        if isinstance(_unanswered, Unset):
            unanswered = UNSET
        else:
            unanswered = CallsInMinuteUnanswered.from_dict(_unanswered)

        calls_in_minute = cls(
            begin=begin,
            calls=calls,
            unanswered=unanswered,
        )

        calls_in_minute.additional_properties = d
        return calls_in_minute

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
