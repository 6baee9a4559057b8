from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.resolve_case_kinds_item import ResolveCaseKindsItem
from ..models.resolve_case_resolution import ResolveCaseResolution
from ..types import UNSET, Unset

T = TypeVar("T", bound="ResolveCase")


@_attrs_define
class ResolveCase:
    """How a case was decided.

    Attributes:
        reason (str): Why it is closed; it is encrypted like a customer's data.
        kinds (list[ResolveCaseKindsItem] | Unset): Which of an order's cases; all that are open where it is left out.
        reference (None | str | Unset): Where that stands, such as in the bank's books; encrypted, too.
        resolution (ResolveCaseResolution | Unset): What was done. Default: ResolveCaseResolution.SETTLED.
    """

    reason: str
    kinds: list[ResolveCaseKindsItem] | Unset = UNSET
    reference: None | str | Unset = UNSET
    resolution: ResolveCaseResolution | Unset = ResolveCaseResolution.SETTLED

    def to_dict(self) -> dict[str, Any]:
        reason = self.reason

        kinds: list[str] | Unset = UNSET
        if not isinstance(self.kinds, Unset):
            kinds = []
            for kinds_item_data in self.kinds:
                kinds_item = kinds_item_data.value
                kinds.append(kinds_item)

        reference: None | str | Unset
        if isinstance(self.reference, Unset):
            reference = UNSET
        else:
            reference = self.reference

        resolution: str | Unset = UNSET
        if not isinstance(self.resolution, Unset):
            resolution = self.resolution.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reason": reason,
            }
        )
        if kinds is not UNSET:
            field_dict["kinds"] = kinds
        if reference is not UNSET:
            field_dict["reference"] = reference
        if resolution is not UNSET:
            field_dict["resolution"] = resolution

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        reason = d.pop("reason")

        _kinds = d.pop("kinds", UNSET)
        kinds: list[ResolveCaseKindsItem] | Unset = UNSET
        if _kinds is not UNSET:
            kinds = []
            for kinds_item_data in _kinds:
                kinds_item = ResolveCaseKindsItem(kinds_item_data)

                kinds.append(kinds_item)

        def _parse_reference(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reference = _parse_reference(d.pop("reference", UNSET))

        _resolution = d.pop("resolution", UNSET)
        resolution: ResolveCaseResolution | Unset
        if isinstance(_resolution, Unset):
            resolution = UNSET
        else:
            resolution = ResolveCaseResolution(_resolution)

        resolve_case = cls(
            reason=reason,
            kinds=kinds,
            reference=reference,
            resolution=resolution,
        )

        return resolve_case
