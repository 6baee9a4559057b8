from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ImportStock")


@_attrs_define
class ImportStock:
    """A line of an import of stock: pieces that arrived, or how many were counted.

    Attributes:
        sku (str): As the catalogue knows it; case-sensitive.
        counted (int | None | Unset): So many pieces are there, those that are reserved for orders included: the stock
            is set to that.
        reason (None | str | Unset): Why the count is set; by default "counted".
        received (int | None | Unset): So many pieces arrived, and are added.
    """

    sku: str
    counted: int | None | Unset = UNSET
    reason: None | str | Unset = UNSET
    received: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        counted: int | None | Unset
        if isinstance(self.counted, Unset):
            counted = UNSET
        else:
            counted = self.counted

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        received: int | None | Unset
        if isinstance(self.received, Unset):
            received = UNSET
        else:
            received = self.received

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
            }
        )
        if counted is not UNSET:
            field_dict["counted"] = counted
        if reason is not UNSET:
            field_dict["reason"] = reason
        if received is not UNSET:
            field_dict["received"] = received

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sku = d.pop("sku")

        def _parse_counted(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        counted = _parse_counted(d.pop("counted", UNSET))

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        def _parse_received(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        received = _parse_received(d.pop("received", UNSET))

        import_stock = cls(
            sku=sku,
            counted=counted,
            reason=reason,
            received=received,
        )

        return import_stock
