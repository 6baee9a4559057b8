from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.erase_data_ground import EraseDataGround
from ..types import UNSET, Unset

T = TypeVar("T", bound="EraseData")


@_attrs_define
class EraseData:
    """Why personal data is to be erased.

    Attributes:
        ground (EraseDataGround | Unset): One of the grounds of article 17 (1) of the General Data Protection
            Regulation. Default: EraseDataGround.CONSENT_WITHDRAWN.
    """

    ground: EraseDataGround | Unset = EraseDataGround.CONSENT_WITHDRAWN

    def to_dict(self) -> dict[str, Any]:
        ground: str | Unset = UNSET
        if not isinstance(self.ground, Unset):
            ground = self.ground.value

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if ground is not UNSET:
            field_dict["ground"] = ground

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _ground = d.pop("ground", UNSET)
        ground: EraseDataGround | Unset
        if isinstance(_ground, Unset):
            ground = UNSET
        else:
            ground = EraseDataGround(_ground)

        erase_data = cls(
            ground=ground,
        )

        return erase_data
