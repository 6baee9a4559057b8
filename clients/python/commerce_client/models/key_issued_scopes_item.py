from enum import StrEnum


class KeyIssuedScopesItem(StrEnum):
    ORDERSCANCEL = "orders:cancel"
    ORDERSPLACE = "orders:place"
    ORDERSREAD = "orders:read"
    PRICESSET = "prices:set"
    PRODUCTSREAD = "products:read"
    REFUNDSMAKE = "refunds:make"
    SHIPMENTSMOVE = "shipments:move"
    STOCKREAD = "stock:read"
    STOCKWRITE = "stock:write"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "KeyIssuedScopesItem | None":
        """A word that the API has learned since this client was generated is itself, and no error."""
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = word._value_ = value
        return word
