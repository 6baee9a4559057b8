from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.case_kind import CaseKind
from ..models.stage import Stage

if TYPE_CHECKING:
    from ..models.case_since import CaseSince
    from ..models.money import Money


T = TypeVar("T", bound="Case")


@_attrs_define
class Case:
    """What a person has to decide about an order, and since when.

    Attributes:
        about (None | str): What at the party it is about, such as the id of a dispute; null where the kind says it all.
        actions (list[str]): What may be done now: the last parts of the paths below `/ops/processes/{order_id}` and
            `/ops/cases/{order_id}`.
        age_s (int): For how many seconds.
        answer_by (datetime.datetime | None): Until when the party takes an answer, as of a dispute; null where nothing
            is to be answered.
        detail (str): What the person has to decide.
        further (list[CaseSince]): What else is open about the same order.
        kind (CaseKind): What it is about.
        money_at_risk (Money | None): What of the order's money may be lost while nobody decides; null where nobody
            knows.
        note (None | str): What was noted last; null where nothing was.
        number (None | str): What people call the order; null where there is none, or while the list of orders does not
            show it yet.
        order_id (UUID): The order. Where there is none (`no_order`), an id that stands in its place in the paths below.
        owner (None | str): Who looks after it; null for nobody.
        since (datetime.datetime): Since when.
        stage (Stage): How far a process is.
        waiting_for (None | str): What is waited for; null once nothing is.
    """

    about: None | str
    actions: list[str]
    age_s: int
    answer_by: datetime.datetime | None
    detail: str
    further: list[CaseSince]
    kind: CaseKind
    money_at_risk: Money | None
    note: None | str
    number: None | str
    order_id: UUID
    owner: None | str
    since: datetime.datetime
    stage: Stage
    waiting_for: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.money import Money  # noqa: PLC0415

        about: None | str
        about = self.about

        actions = self.actions

        age_s = self.age_s

        answer_by: None | str
        if isinstance(self.answer_by, datetime.datetime):
            answer_by = self.answer_by.isoformat()
        else:
            answer_by = self.answer_by

        detail = self.detail

        further = []
        for further_item_data in self.further:
            further_item = further_item_data.to_dict()
            further.append(further_item)

        kind = self.kind.value

        money_at_risk: dict[str, Any] | None
        if isinstance(self.money_at_risk, Money):
            money_at_risk = self.money_at_risk.to_dict()
        else:
            money_at_risk = self.money_at_risk

        note: None | str
        note = self.note

        number: None | str
        number = self.number

        order_id = str(self.order_id)

        owner: None | str
        owner = self.owner

        since = self.since.isoformat()

        stage = self.stage.value

        waiting_for: None | str
        waiting_for = self.waiting_for

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "about": about,
                "actions": actions,
                "age_s": age_s,
                "answer_by": answer_by,
                "detail": detail,
                "further": further,
                "kind": kind,
                "money_at_risk": money_at_risk,
                "note": note,
                "number": number,
                "order_id": order_id,
                "owner": owner,
                "since": since,
                "stage": stage,
                "waiting_for": waiting_for,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.case_since import CaseSince  # noqa: PLC0415
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_about(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        about = _parse_about(d.pop("about"))

        actions = cast(list[str], d.pop("actions"))

        age_s = d.pop("age_s")

        def _parse_answer_by(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                answer_by_type_0 = datetime.datetime.fromisoformat(data)

                return answer_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        answer_by = _parse_answer_by(d.pop("answer_by"))

        detail = d.pop("detail")

        further = []
        _further = d.pop("further")
        for further_item_data in _further:
            further_item = CaseSince.from_dict(further_item_data)

            further.append(further_item)

        kind = CaseKind(d.pop("kind"))

        def _parse_money_at_risk(data: object) -> Money | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                money_at_risk_type_0 = Money.from_dict(data)

                return money_at_risk_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Money | None, data)

        money_at_risk = _parse_money_at_risk(d.pop("money_at_risk"))

        def _parse_note(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        note = _parse_note(d.pop("note"))

        def _parse_number(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        number = _parse_number(d.pop("number"))

        order_id = UUID(d.pop("order_id"))

        def _parse_owner(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        owner = _parse_owner(d.pop("owner"))

        since = datetime.datetime.fromisoformat(d.pop("since"))

        stage = Stage(d.pop("stage"))

        def _parse_waiting_for(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        waiting_for = _parse_waiting_for(d.pop("waiting_for"))

        case = cls(
            about=about,
            actions=actions,
            age_s=age_s,
            answer_by=answer_by,
            detail=detail,
            further=further,
            kind=kind,
            money_at_risk=money_at_risk,
            note=note,
            number=number,
            order_id=order_id,
            owner=owner,
            since=since,
            stage=stage,
            waiting_for=waiting_for,
        )

        case.additional_properties = d
        return case

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
