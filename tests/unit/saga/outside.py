"""Payments and shipping as processes see them: messages arrive in any order, more than once, with any luck."""

from __future__ import annotations

from uuid import UUID

from commerce.saga.request_events import (
    AuthorizationRequested,
    CaptureRequested,
    PartialRefundRequested,
    RefundRequested,
    ShipmentCancellationRequested,
    ShipmentRequested,
    VoidRequested,
)
from commerce.values.errors import RuleBroken
from tests.unit.saga.carrier import Carrier
from tests.unit.saga.party import Luck
from tests.unit.saga.provider import Provider

Message = (
    AuthorizationRequested
    | CaptureRequested
    | VoidRequested
    | RefundRequested
    | PartialRefundRequested
    | ShipmentRequested
    | ShipmentCancellationRequested
)

_UNDOES: frozenset[Luck] = frozenset({"works", "done unseen", "not heard yet", "lost"})


class Outside(Provider, Carrier):
    """Both parties, and the contexts before them."""

    def arrive(self, message: Message, luck: Luck) -> None:
        """One message reaches its consumer; that a rule forbids it by now is an outcome too."""
        order_id, request = message.order_id, message.request_id
        try:
            match message:
                case AuthorizationRequested():
                    self._authorize(message, luck)
                case CaptureRequested():
                    self._capture(message, luck)
                case VoidRequested() | RefundRequested():
                    while luck in _UNDOES and self._undo_payment(order_id, request, luck):
                        pass
                case PartialRefundRequested():
                    self._refund_part(message, luck)
                case ShipmentRequested():
                    self._book(message, luck)
                case ShipmentCancellationRequested():
                    while luck in ("works", "refused") and self._undo_shipment(order_id, request, luck):
                        pass
        except RuleBroken:
            return

    def ask_again(self, order_id: UUID) -> None:
        """The relay sends commands again whose calls nobody heard the end of: each party is asked what became of
        them."""
        self.ask_about_payment(order_id)
        self.ask_about_shipment(order_id)
