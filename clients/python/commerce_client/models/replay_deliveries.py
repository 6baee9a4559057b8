from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ReplayDeliveries")


@_attrs_define
class ReplayDeliveries:
    """From when on everything is to be delivered once more.

    Attributes:
        since (datetime.datetime): What was recorded then or later is delivered; it may lie before the endpoint was
            added.
    """

    since: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        since = self.since.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "since": since,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        since = datetime.datetime.fromisoformat(d.pop("since"))

        replay_deliveries = cls(
            since=since,
        )

        return replay_deliveries
