from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.step_state import StepState

T = TypeVar("T", bound="StepStatus")


@_attrs_define
class StepStatus:
    """One step of an order, and what became of it.

    Attributes:
        reason (None | str): Why it failed; null otherwise.
        request (None | str): What is asked for it and has no answer yet, as an intervention names it; null where
            nothing is.
        since (datetime.datetime | None): Since when; null where nothing happened to it.
        state (StepState): How far a step is.
        step (str): The step; with what it is for after a colon, where an order has several, as of refunds.
        what (str): What it does, in plain words.
    """

    reason: None | str
    request: None | str
    since: datetime.datetime | None
    state: StepState
    step: str
    what: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        reason: None | str
        reason = self.reason

        request: None | str
        request = self.request

        since: None | str
        if isinstance(self.since, datetime.datetime):
            since = self.since.isoformat()
        else:
            since = self.since

        state = self.state.value

        step = self.step

        what = self.what

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "reason": reason,
                "request": request,
                "since": since,
                "state": state,
                "step": step,
                "what": what,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_request(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        request = _parse_request(d.pop("request"))

        def _parse_since(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                since_type_0 = datetime.datetime.fromisoformat(data)

                return since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        since = _parse_since(d.pop("since"))

        state = StepState(d.pop("state"))

        step = d.pop("step")

        what = d.pop("what")

        step_status = cls(
            reason=reason,
            request=request,
            since=since,
            state=state,
            step=step,
            what=what,
        )

        step_status.additional_properties = d
        return step_status

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
