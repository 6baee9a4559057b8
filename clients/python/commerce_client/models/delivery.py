from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.delivery_status import DeliveryStatus

if TYPE_CHECKING:
    from ..models.attempt import Attempt


T = TypeVar("T", bound="Delivery")


@_attrs_define
class Delivery:
    """An event for an endpoint, and what became of it.

    Attributes:
        attempts (list[Attempt]): The newest 50, the oldest of them first.
        created_at (datetime.datetime): Since when there is something to deliver.
        ended_at (datetime.datetime | None): When it was taken or given up.
        event_id (str): `webhook-id`, and the CloudEvent's `id`: the same in every attempt.
        event_type (str): The event's type.
        failures (int): Failed attempts since it began, or was to be delivered again.
        next_attempt_at (datetime.datetime | None): When it is tried next; null where it has ended.
        number (None | str): What people call that order; null for a customer, and while the list of orders does not
            show it yet.
        position (int): The event's place in the log, by which a delivery is named.
        status (DeliveryStatus): How far a delivery has come.
        subject (UUID): The order or customer that it is about.
    """

    attempts: list[Attempt]
    created_at: datetime.datetime
    ended_at: datetime.datetime | None
    event_id: str
    event_type: str
    failures: int
    next_attempt_at: datetime.datetime | None
    number: None | str
    position: int
    status: DeliveryStatus
    subject: UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        attempts = []
        for attempts_item_data in self.attempts:
            attempts_item = attempts_item_data.to_dict()
            attempts.append(attempts_item)

        created_at = self.created_at.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        event_id = self.event_id

        event_type = self.event_type

        failures = self.failures

        next_attempt_at: None | str
        if isinstance(self.next_attempt_at, datetime.datetime):
            next_attempt_at = self.next_attempt_at.isoformat()
        else:
            next_attempt_at = self.next_attempt_at

        number: None | str
        number = self.number

        position = self.position

        status = self.status.value

        subject = str(self.subject)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "attempts": attempts,
                "created_at": created_at,
                "ended_at": ended_at,
                "event_id": event_id,
                "event_type": event_type,
                "failures": failures,
                "next_attempt_at": next_attempt_at,
                "number": number,
                "position": position,
                "status": status,
                "subject": subject,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.attempt import Attempt  # noqa: PLC0415

        d = dict(src_dict)
        attempts = []
        _attempts = d.pop("attempts")
        for attempts_item_data in _attempts:
            attempts_item = Attempt.from_dict(attempts_item_data)

            attempts.append(attempts_item)

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        event_id = d.pop("event_id")

        event_type = d.pop("event_type")

        failures = d.pop("failures")

        def _parse_next_attempt_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_attempt_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_attempt_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        next_attempt_at = _parse_next_attempt_at(d.pop("next_attempt_at"))

        def _parse_number(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        number = _parse_number(d.pop("number"))

        position = d.pop("position")

        status = DeliveryStatus(d.pop("status"))

        subject = UUID(d.pop("subject"))

        delivery = cls(
            attempts=attempts,
            created_at=created_at,
            ended_at=ended_at,
            event_id=event_id,
            event_type=event_type,
            failures=failures,
            next_attempt_at=next_attempt_at,
            number=number,
            position=position,
            status=status,
            subject=subject,
        )

        delivery.additional_properties = d
        return delivery

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
