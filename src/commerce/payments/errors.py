"""The rules of a payment that a command can break."""

from __future__ import annotations

from uuid import UUID

from commerce.values.errors import RuleBroken
from commerce.values.money import Money


class PaymentNotOpen(RuleBroken):
    """Nothing of this kind may be attempted, as the payment has gone past it or has ended."""

    def __init__(self, order_id: UUID, status: str, command: str) -> None:
        super().__init__(f"the payment of order {order_id} is {status}; {command} is not possible any more")


class NoActionAwaited(RuleBroken):
    """A payment is tried again only while it waits for its customer."""

    def __init__(self, order_id: UUID, status: str) -> None:
        super().__init__(
            f"the payment of order {order_id} is {status}; it can be tried again only while it is action_required"
        )


class TooManyAttempts(RuleBroken):
    """A payment is tried so often at most."""

    def __init__(self, order_id: UUID, most: int) -> None:
        super().__init__(f"the payment of order {order_id} was tried {most} times, which is as often as it can be")


class PaymentNotAuthorized(RuleBroken):
    """Money is taken or let go only after it was set aside."""

    def __init__(self, order_id: UUID, status: str, command: str) -> None:
        super().__init__(f"the payment of order {order_id} is {status}; {command} needs a known authorisation first")


class SecondCapture(RuleBroken):
    """A payment is captured at most once."""

    def __init__(self, order_id: UUID) -> None:
        super().__init__(
            f"the payment of order {order_id} has its one capture already; place another order to charge more"
        )


class CaptureExceedsAuthorization(RuleBroken):
    """No more is taken than was set aside."""

    def __init__(self, amount: Money, authorized: Money) -> None:
        super().__init__(f"{amount} cannot be captured: {authorized} is authorised; capture that or less")


class NothingCaptured(RuleBroken):
    """Only money that was taken is given back."""

    def __init__(self, order_id: UUID) -> None:
        super().__init__(f"nothing was captured for order {order_id}, so nothing can be refunded")


class RefundExceedsCapture(RuleBroken):
    """No more is given back than was taken, that which is asked for already included."""

    def __init__(self, amount: Money, left: Money) -> None:
        super().__init__(f"{amount} cannot be refunded: {left} is left of what was captured; refund that or less")
        self.left = left


class LineRefundExceedsOrder(RuleBroken):
    """No more pieces of a line are refunded than were ordered, those that are asked for already included."""

    def __init__(self, line: int, quantity: int, left: int) -> None:
        super().__init__(f"line {line}: {quantity} cannot be refunded: {left} left; refund that or fewer")


class RefundRepeated(RuleBroken):
    """A refund is accepted once; the same request again gets the first answer."""

    def __init__(self, refund_id: UUID) -> None:
        super().__init__(f"refund {refund_id} was accepted before; see what became of it")


class TooManyRefunds(RuleBroken):
    """One payment is refunded in so many parts at most."""

    def __init__(self, order_id: UUID, most: int) -> None:
        super().__init__(f"order {order_id} has {most} refunds, which is as many as one order can have")


class RefundPending(RuleBroken):
    """Refunds of one payment come one after the other."""

    def __init__(self, order_id: UUID) -> None:
        super().__init__(f"another refund of order {order_id} has no outcome yet; try again when it has")


class AmountChanged(RuleBroken):
    """All attempts of one request are about the same amount."""

    def __init__(self, request_id: UUID, amount: Money, before: Money | None) -> None:
        super().__init__(
            f"request {request_id} was attempted with {before}, not {amount}; make it a request of its own"
        )


class PaymentNotAttempted(RuleBroken):
    """An outcome belongs to an attempt that was recorded before it was made."""

    def __init__(self, request_id: UUID, operation: str) -> None:
        super().__init__(f"request {request_id} to {operation} was never attempted; record the attempt before the call")


class MoneyHeld(RuleBroken):
    """A payment is not closed while the provider holds money for it."""

    def __init__(self, order_id: UUID, status: str) -> None:
        super().__init__(f"the payment of order {order_id} is {status}; void or refund it instead of closing it")
