from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.case_since_kind import CaseSinceKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="CaseSince")


@_attrs_define
class CaseSince:
    """What a person has to decide, and since when.

    Attributes:
        detail (str): The same in words.
        kind (CaseSinceKind): What it is about.
        since (datetime.datetime): Since when.
        about (None | str | Unset): What at the party it is about, such as the id of a dispute; null where the kind says
            it all.
        answer_by (datetime.datetime | None | Unset): Until when the party takes an answer, as of a dispute; null where
            nothing is to be answered.
    """

    detail: str
    kind: CaseSinceKind
    since: datetime.datetime
    about: None | str | Unset = UNSET
    answer_by: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        detail = self.detail

        kind = self.kind.value

        since = self.since.isoformat()

        about: None | str | Unset
        if isinstance(self.about, Unset):
            about = UNSET
        else:
            about = self.about

        answer_by: None | str | Unset
        if isinstance(self.answer_by, Unset):
            answer_by = UNSET
        elif isinstance(self.answer_by, datetime.datetime):
            answer_by = self.answer_by.isoformat()
        else:
            answer_by = self.answer_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "detail": detail,
                "kind": kind,
                "since": since,
            }
        )
        if about is not UNSET:
            field_dict["about"] = about
        if answer_by is not UNSET:
            field_dict["answer_by"] = answer_by

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        detail = d.pop("detail")

        kind = CaseSinceKind(d.pop("kind"))

        since = datetime.datetime.fromisoformat(d.pop("since"))

        def _parse_about(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        about = _parse_about(d.pop("about", UNSET))

        def _parse_answer_by(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                answer_by_type_0 = datetime.datetime.fromisoformat(data)

                return answer_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        answer_by = _parse_answer_by(d.pop("answer_by", UNSET))

        case_since = cls(
            detail=detail,
            kind=kind,
            since=since,
            about=about,
            answer_by=answer_by,
        )

        case_since.additional_properties = d
        return case_since

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
