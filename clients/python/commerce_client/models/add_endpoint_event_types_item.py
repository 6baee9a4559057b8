from enum import StrEnum


class AddEndpointEventTypesItem(StrEnum):
    CUSTOMERS_EMAILCHANGED = "customers.EmailChanged"
    CUSTOMERS_EMAILCHANGEREQUESTED = "customers.EmailChangeRequested"
    CUSTOMERS_EMAILCONFIRMATIONREQUESTED = "customers.EmailConfirmationRequested"
    CUSTOMERS_PASSWORDRESETREQUESTED = "customers.PasswordResetRequested"
    ORDERING_ORDERCANCELLATIONREFUSED = "ordering.OrderCancellationRefused"
    ORDERING_ORDERCANCELLATIONREQUESTED = "ordering.OrderCancellationRequested"
    ORDERING_ORDERCANCELLED = "ordering.OrderCancelled"
    ORDERING_ORDERCONFIRMED = "ordering.OrderConfirmed"
    ORDERING_ORDERDELIVERED = "ordering.OrderDelivered"
    ORDERING_ORDERPLACED = "ordering.OrderPlaced"
    ORDERING_ORDERREJECTED = "ordering.OrderRejected"
    ORDERING_ORDERSHIPPED = "ordering.OrderShipped"
    PAYMENTS_AUTHORIZED = "payments.Authorized"
    PAYMENTS_CAPTURED = "payments.Captured"
    PAYMENTS_DECLINED = "payments.Declined"
    PAYMENTS_REFUNDED = "payments.Refunded"
    PAYMENTS_REFUNDFAILED = "payments.RefundFailed"
    PAYMENTS_VOIDED = "payments.Voided"
    SHIPPING_CANCELLED = "shipping.Cancelled"
    SHIPPING_DELIVERED = "shipping.Delivered"
    SHIPPING_DISPATCHED = "shipping.Dispatched"
    SHIPPING_REFUSED = "shipping.Refused"
    SHIPPING_SCHEDULED = "shipping.Scheduled"
    STAFF_INVITED = "staff.Invited"
    STAFF_PASSWORDCHANGED = "staff.PasswordChanged"
    STAFF_RECOVERYCODESREPLACED = "staff.RecoveryCodesReplaced"
    STAFF_SECONDFACTORCHANGED = "staff.SecondFactorChanged"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "AddEndpointEventTypesItem | None":
        """A word that the API has learned since this client was generated is itself, and no error."""
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word
