from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.cases_of_kind_kind import CasesOfKindKind

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="CasesOfKind")


@_attrs_define
class CasesOfKind:
    """The open cases of one kind.

    Attributes:
        age_s (int): For how many seconds.
        count (int): How many there are.
        kind (CasesOfKindKind): What they are about.
        money_at_risk (list[Money]): What may be lost while nobody decides, in each currency; of the 500 oldest orders
            that have a case.
        oldest (datetime.datetime): Since when the oldest is open.
        unassigned (int): How many of them nobody looks after.
    """

    age_s: int
    count: int
    kind: CasesOfKindKind
    money_at_risk: list[Money]
    oldest: datetime.datetime
    unassigned: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        age_s = self.age_s

        count = self.count

        kind = self.kind.value

        money_at_risk = []
        for money_at_risk_item_data in self.money_at_risk:
            money_at_risk_item = money_at_risk_item_data.to_dict()
            money_at_risk.append(money_at_risk_item)

        oldest = self.oldest.isoformat()

        unassigned = self.unassigned

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "age_s": age_s,
                "count": count,
                "kind": kind,
                "money_at_risk": money_at_risk,
                "oldest": oldest,
                "unassigned": unassigned,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        age_s = d.pop("age_s")

        count = d.pop("count")

        kind = CasesOfKindKind(d.pop("kind"))

        money_at_risk = []
        _money_at_risk = d.pop("money_at_risk")
        for money_at_risk_item_data in _money_at_risk:
            money_at_risk_item = Money.from_dict(money_at_risk_item_data)

            money_at_risk.append(money_at_risk_item)

        oldest = datetime.datetime.fromisoformat(d.pop("oldest"))

        unassigned = d.pop("unassigned")

        cases_of_kind = cls(
            age_s=age_s,
            count=count,
            kind=kind,
            money_at_risk=money_at_risk,
            oldest=oldest,
            unassigned=unassigned,
        )

        cases_of_kind.additional_properties = d
        return cases_of_kind

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
