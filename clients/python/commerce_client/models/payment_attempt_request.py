from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PaymentAttemptRequest")


@_attrs_define
class PaymentAttemptRequest:
    """Another attempt at a payment that waits for its customer.

    Attributes:
        payment_method (None | str | Unset): What is paid with instead; what was tried before is ended first. Without
            it, as when the customer came back, the
            payment provider is only asked whether they confirmed.
    """

    payment_method: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        payment_method: None | str | Unset
        if isinstance(self.payment_method, Unset):
            payment_method = UNSET
        else:
            payment_method = self.payment_method

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if payment_method is not UNSET:
            field_dict["payment_method"] = payment_method

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_payment_method(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        payment_method = _parse_payment_method(d.pop("payment_method", UNSET))

        payment_attempt_request = cls(
            payment_method=payment_method,
        )

        return payment_attempt_request
