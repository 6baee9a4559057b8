"""Which events of the log other systems are told: by integration events on the broker, and by webhooks."""

from __future__ import annotations

from commerce.customers import events as customers
from commerce.eventstore import Event
from commerce.ordering import events as ordering
from commerce.payments import events as payments
from commerce.shipping import events as shipping
from commerce.staff.events import (
    StaffInvited,
    StaffPasswordChanged,
    StaffRecoveryCodesReplaced,
    StaffSecondFactorChanged,
)

_PUBLISHED: tuple[type[Event], ...] = (
    ordering.OrderPlaced,
    ordering.OrderConfirmed,
    ordering.OrderRejected,
    ordering.OrderCancellationRequested,
    ordering.OrderCancellationRefused,
    ordering.OrderCancelled,
    ordering.OrderShipped,
    ordering.OrderDelivered,
    payments.PaymentAuthorized,
    payments.PaymentDeclined,
    payments.PaymentCaptured,
    payments.PaymentVoided,
    payments.PaymentRefunded,
    payments.PaymentRefundFailed,
    shipping.ShipmentScheduled,
    shipping.ShipmentRefused,
    shipping.ShipmentCancelled,
    shipping.ShipmentDispatched,
    shipping.ShipmentDelivered,
    customers.EmailConfirmationRequested,
    customers.PasswordResetRequested,
    customers.EmailChangeRequested,
    customers.EmailChanged,
    StaffInvited,
    StaffPasswordChanged,
    StaffRecoveryCodesReplaced,
    StaffSecondFactorChanged,
)

PUBLISHED = frozenset(kind.TOPIC for kind in _PUBLISHED)
"""Topics of the events that are published as integration events."""
