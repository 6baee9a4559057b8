from enum import StrEnum


class ChangeDutiesScopesType0ItemType1(StrEnum):
    AUDITREAD = "audit:read"
    CASESDECIDE = "cases:decide"
    CUSTOMERSREAD = "customers:read"
    ERASURESREAD = "erasures:read"
    ERASURESREQUEST = "erasures:request"
    KEYSMANAGE = "keys:manage"
    KEYSREAD = "keys:read"
    OPERATIONSREAD = "operations:read"
    PARKEDDECIDE = "parked:decide"
    PRODUCTSWRITE = "products:write"
    PROJECTIONSMAINTAIN = "projections:maintain"
    REPORTSREAD = "reports:read"
    STAFFMANAGE = "staff:manage"
    STAFFREAD = "staff:read"
    WEBHOOKSMANAGE = "webhooks:manage"
    WEBHOOKSREAD = "webhooks:read"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "ChangeDutiesScopesType0ItemType1 | None":
        """A word that the API has learned since this client was generated is itself, and no error."""
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word
