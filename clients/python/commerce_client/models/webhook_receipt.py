from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.webhook_receipt_status import WebhookReceiptStatus

T = TypeVar("T", bound="WebhookReceipt")


@_attrs_define
class WebhookReceipt:
    """What became of a message.

    Attributes:
        event_id (str): The provider's id of the message.
        status (WebhookReceiptStatus): `received`: it is on record. `repeated`: it was before. `ignored`: it is about no
            payment, and not recorded.
    """

    event_id: str
    status: WebhookReceiptStatus

    def to_dict(self) -> dict[str, Any]:
        event_id = self.event_id

        status = self.status.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "event_id": event_id,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        event_id = d.pop("event_id")

        status = WebhookReceiptStatus(d.pop("status"))

        webhook_receipt = cls(
            event_id=event_id,
            status=status,
        )

        return webhook_receipt
