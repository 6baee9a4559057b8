"""Who may do what: one row for each route, stream and socket, with how far it lets each role; there is no other way in.

A route without a row keeps the API from starting, and a role that a row does not let in is denied.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Literal

from api.http.sites import CONSOLE, PARTNER, SHOP
from commerce.runtime.scopes import Scope
from commerce.runtime.tokens import ROLES, Role


class Reach(StrEnum):
    """With whose things a role may do something."""

    NONE = "none"
    """With nobody's: 403."""
    OWN = "own"
    """With what is theirs; anything of others is answered as what does not exist, 404."""
    ANY = "any"
    """With everybody's."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How far one action lets each role."""

    customer: Reach
    operator: Reach
    auditor: Reach
    service: Reach

    def reach(self, role: Role) -> Reach:
        """How far it lets a role."""
        reach: Reach = getattr(self, role)
        return reach

    @property
    def roles(self) -> list[Role]:
        """The roles that it lets in at all, in order of their names."""
        return sorted(role for role in ROLES if self.reach(role) is not NONE)


class TokenFree(Enum):
    """What is not for roles."""

    OPEN = "for everybody, with a token or without"
    SIGNED = "for whoever signs: the signature is checked, and a token is not read"


NONE, OWN, ANY = Reach.NONE, Reach.OWN, Reach.ANY
OPEN, SIGNED = TokenFree.OPEN, TokenFree.SIGNED

# fmt: off
ROUTES: Mapping[str, Rule | TokenFree] = {
    #                                                            customer operator auditor service
    "PUT /api/v1/products/{sku}":                            Rule(NONE,   ANY,     NONE,   NONE),
    "DELETE /api/v1/products/{sku}":                         Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/products:import":                          Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/prices:import":                            Rule(NONE,   ANY,     NONE,   NONE),
    "GET /api/v1/products":                                  Rule(ANY,    ANY,     ANY,    ANY),
    "GET /api/v1/products/{sku}":                            Rule(ANY,    ANY,     ANY,    ANY),

    "POST /api/v1/inventory/{sku}/receipts":                 Rule(NONE,   ANY,     NONE,   ANY),
    "POST /api/v1/inventory/{sku}/adjustments":              Rule(NONE,   ANY,     NONE,   ANY),
    "POST /api/v1/inventory:import":                         Rule(NONE,   ANY,     NONE,   ANY),
    "GET /api/v1/inventory":                                 Rule(NONE,   ANY,     ANY,    ANY),
    "GET /api/v1/inventory/events":                          Rule(NONE,   ANY,     ANY,    ANY),
    "GET /api/v1/inventory/{sku}":                           Rule(NONE,   ANY,     ANY,    ANY),
    "GET /api/v1/inventory/{sku}/reservations":              Rule(NONE,   ANY,     ANY,    ANY),

    "POST /api/v1/orders":                                   Rule(OWN,    ANY,     NONE,   ANY),
    "GET /api/v1/orders":                                    Rule(OWN,    ANY,     ANY,    ANY),
    "GET /api/v1/orders/{order_id}":                         Rule(OWN,    ANY,     ANY,    ANY),
    "POST /api/v1/orders/{order_id}/cancellation":           Rule(OWN,    ANY,     NONE,   ANY),
    "GET /api/v1/orders/{order_id}/payment":                 Rule(OWN,    ANY,     ANY,    ANY),
    "POST /api/v1/orders/{order_id}/payment/attempts":       Rule(OWN,    ANY,     NONE,   ANY),
    "GET /api/v1/orders/{order_id}/refunds":                 Rule(OWN,    ANY,     ANY,    ANY),
    "POST /api/v1/orders/{order_id}/refunds":                Rule(NONE,   ANY,     NONE,   ANY),
    "GET /api/v1/refunds":                                   Rule(NONE,   ANY,     ANY,    ANY),
    "GET /api/v1/orders/{order_id}/process":                 Rule(OWN,    ANY,     ANY,    ANY),
    "GET /api/v1/orders/{order_id}/timeline":                Rule(OWN,    ANY,     ANY,    ANY),
    "GET /api/v1/orders/{order_id}/events":                  Rule(OWN,    ANY,     ANY,    ANY),

    "POST /api/v1/auth/token":                               OPEN,
    "POST /api/v1/auth/revocation":                          OPEN,
    "POST /api/v1/customers":                                OPEN,
    "GET /api/v1/customers/me":                              Rule(OWN,    NONE,    NONE,   NONE),
    "PATCH /api/v1/customers/me":                            Rule(OWN,    NONE,    NONE,   NONE),
    "DELETE /api/v1/customers/me":                           Rule(OWN,    NONE,    NONE,   NONE),
    "PUT /api/v1/customers/me/email":                        Rule(OWN,    NONE,    NONE,   NONE),
    "PUT /api/v1/customers/me/password":                     Rule(OWN,    NONE,    NONE,   NONE),
    "POST /api/v1/customers/me/email-confirmation":          Rule(OWN,    NONE,    NONE,   NONE),
    "POST /api/v1/customers/email-confirmation":             OPEN,
    "POST /api/v1/customers/password-reset":                 OPEN,
    "POST /api/v1/customers/password-reset/confirmation":    OPEN,
    "GET /api/v1/customers":                                 Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/customers/{customer_id}":                   Rule(NONE,   ANY,     ANY,    NONE),

    "POST /api/v1/customers/{customer_id}/erasure":          Rule(OWN,    ANY,     NONE,   NONE),
    "GET /api/v1/customers/{customer_id}/erasure":           Rule(OWN,    ANY,     ANY,    NONE),
    "GET /api/v1/customers/{customer_id}/export":            Rule(OWN,    ANY,     NONE,   NONE),
    "POST /api/v1/orders/{order_id}/erasure":                Rule(NONE,   ANY,     NONE,   NONE),
    "GET /api/v1/orders/{order_id}/erasure":                 Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/ops/erasures":                              Rule(NONE,   ANY,     ANY,    NONE),

    "GET /api/v1/orders/{order_id}/shipments":               Rule(OWN,    ANY,     ANY,    ANY),
    "POST /api/v1/shipments/{shipment_id}/dispatch":         Rule(NONE,   ANY,     NONE,   ANY),
    "POST /api/v1/shipments/{shipment_id}/delivery":         Rule(NONE,   ANY,     NONE,   ANY),

    "GET /api/v1/audit/events":                              Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/audit/events/live":                         Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/audit/streams/{stream_id}":                 Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/audit/streams/{stream_id}/state":           Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/audit/orders/{order_id}/trace":             Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/audit/orders/{order_id}/readings":          Rule(NONE,   OWN,     ANY,    NONE),
    "GET /api/v1/audit/readings":                            Rule(NONE,   OWN,     ANY,    NONE),
    "GET /api/v1/audit/orders/{order_id}/proof":             Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/audit/heads":                               Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/audit/verification":                        Rule(NONE,   ANY,     ANY,    NONE),
    "POST /api/v1/audit/verification":                       Rule(NONE,   ANY,     NONE,   NONE),
    "DELETE /api/v1/audit/verification":                     Rule(NONE,   ANY,     NONE,   NONE),

    "GET /api/v1/reports/sales":                             Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/reports/orders":                            Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/ops/attention":                             Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/ops/subscriptions":                         Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/ops/followers":                             Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/ops/workers":                               Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/ops/calls":                                 Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/ops/processes":                             Rule(NONE,   ANY,     ANY,    NONE),
    "POST /api/v1/ops/processes/{order_id}/retry":           Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/ops/processes/{order_id}/compensate":      Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/ops/processes/{order_id}/skip":            Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/ops/processes/{order_id}/resolve":         Rule(NONE,   ANY,     NONE,   NONE),
    "GET /api/v1/ops/cases":                                 Rule(NONE,   ANY,     ANY,    NONE),
    "POST /api/v1/ops/cases/{order_id}/assignment":          Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/ops/cases/{order_id}/notes":               Rule(NONE,   ANY,     NONE,   NONE),
    "GET /api/v1/ops/parked":                                Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/ops/parked/{group}":                        Rule(NONE,   ANY,     ANY,    NONE),
    "POST /api/v1/ops/parked/{group}/retry":                 Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/ops/parked/{group}/discard":               Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/ops/parked/{group}/edit":                  Rule(NONE,   ANY,     NONE,   NONE),
    "GET /api/v1/ops/projections/{name}/rebuild":            Rule(NONE,   ANY,     ANY,    NONE),
    "POST /api/v1/ops/projections/{name}/rebuild":           Rule(NONE,   ANY,     NONE,   NONE),
    "DELETE /api/v1/ops/projections/{name}/rebuild":         Rule(NONE,   ANY,     NONE,   NONE),
    "GET /api/v1/ops/projections/{name}/verification":       Rule(NONE,   ANY,     ANY,    NONE),
    "POST /api/v1/ops/projections/{name}/verification":      Rule(NONE,   ANY,     NONE,   NONE),
    "DELETE /api/v1/ops/projections/{name}/verification":    Rule(NONE,   ANY,     NONE,   NONE),

    "GET /api/v1/auth/usage":                                Rule(ANY,    ANY,     ANY,    ANY),
    "GET /api/v1/auth/keys":                                 Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/auth/keys/{key_id}":                        Rule(NONE,   ANY,     ANY,    NONE),
    "POST /api/v1/auth/keys":                                Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/auth/keys/{key_id}/rotation":              Rule(NONE,   ANY,     NONE,   NONE),
    "DELETE /api/v1/auth/keys/{key_id}":                     Rule(NONE,   ANY,     NONE,   NONE),

    "POST /api/v1/staff":                                    Rule(NONE,   ANY,     NONE,   NONE),
    "GET /api/v1/staff":                                     Rule(NONE,   ANY,     ANY,    NONE),
    "POST /api/v1/staff/invitation":                         OPEN,
    "POST /api/v1/staff/invitation/acceptance":              OPEN,
    "GET /api/v1/staff/me":                                  Rule(NONE,   OWN,     OWN,    NONE),
    "GET /api/v1/staff/me/sessions":                         Rule(NONE,   OWN,     OWN,    NONE),
    "DELETE /api/v1/staff/me/sessions/{session_id}":         Rule(NONE,   OWN,     OWN,    NONE),
    "PUT /api/v1/staff/me/password":                         Rule(NONE,   OWN,     OWN,    NONE),
    "PUT /api/v1/staff/me/recovery-codes":                   Rule(NONE,   OWN,     OWN,    NONE),
    "PUT /api/v1/staff/me/second-factor":                    Rule(NONE,   OWN,     OWN,    NONE),
    "PUT /api/v1/staff/me/second-factor/confirmation":       Rule(NONE,   OWN,     OWN,    NONE),
    "GET /api/v1/staff/{member_id}":                         Rule(NONE,   ANY,     ANY,    NONE),
    "PUT /api/v1/staff/{member_id}/role":                    Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/staff/{member_id}/invitation":             Rule(NONE,   ANY,     NONE,   NONE),
    "DELETE /api/v1/staff/{member_id}":                      Rule(NONE,   ANY,     NONE,   NONE),

    "GET /api/v1/webhook-endpoints":                        Rule(NONE,   ANY,     ANY,    NONE),
    "POST /api/v1/webhook-endpoints":                       Rule(NONE,   ANY,     NONE,   NONE),
    "GET /api/v1/webhook-endpoints/{endpoint_id}":          Rule(NONE,   ANY,     ANY,    NONE),
    "PATCH /api/v1/webhook-endpoints/{endpoint_id}":        Rule(NONE,   ANY,     NONE,   NONE),
    "DELETE /api/v1/webhook-endpoints/{endpoint_id}":       Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/webhook-endpoints/{endpoint_id}/rotation":
                                                            Rule(NONE,   ANY,     NONE,   NONE),
    "POST /api/v1/webhook-endpoints/{endpoint_id}/replay":  Rule(NONE,   ANY,     NONE,   NONE),
    "GET /api/v1/webhook-endpoints/{endpoint_id}/deliveries":
                                                            Rule(NONE,   ANY,     ANY,    NONE),
    "GET /api/v1/webhook-endpoints/{endpoint_id}/deliveries/{position}":
                                                            Rule(NONE,   ANY,     ANY,    NONE),
    "POST /api/v1/webhook-endpoints/{endpoint_id}/deliveries/{position}/replay":
                                                            Rule(NONE,   ANY,     NONE,   NONE),

    "POST /api/v1/webhooks/{provider}":                      SIGNED,
    "GET /health/live":                                      OPEN,
    "GET /health/ready":                                     OPEN,
    "GET /metrics":                                          OPEN,
    "GET /docs":                                             OPEN,
    "GET /docs/{name}":                                      OPEN,
    "GET /docs/problems":                                    OPEN,
    "GET /docs/problems/{name}":                             OPEN,
    "GET /openapi.json":                                     OPEN,
    "GET /console/login":                                    OPEN,
    "GET /shop/login":                                       OPEN,
    "POST /shop/login":                                      OPEN,
    "POST /shop/logout":                                     OPEN,
    "GET /partner/login":                                    OPEN,
    "POST /partner/login":                                   OPEN,
    "POST /partner/logout":                                  OPEN,
    "GET /robots.txt":                                       OPEN,
    "GET /sitemap.xml":                                      OPEN,
    "POST /console/login":                                   OPEN,
    "GET /console/invitation":                               OPEN,
    "POST /console/invitation":                              OPEN,
    "POST /console/logout":                                  OPEN,
    "GET /assets/{name}":                                    OPEN,
}
"""The rule of every route, by method and path; the console's pages have theirs below."""

CONSOLE_PAGES: Mapping[str, str] = {
    "GET /console":                                          "GET /api/v1/ops/processes",
    "GET /console/live":                                     "GET /api/v1/ops/processes",
    "GET /console/cases":                                   "GET /api/v1/ops/cases",
    "GET /console/cases/assignment":                        "POST /api/v1/ops/cases/{order_id}/assignment",
    "POST /console/cases/assignment":                       "POST /api/v1/ops/cases/{order_id}/assignment",
    "GET /console/cases/notes":                             "POST /api/v1/ops/cases/{order_id}/notes",
    "POST /console/cases/notes":                            "POST /api/v1/ops/cases/{order_id}/notes",
    "GET /console/cases/retry":                             "POST /api/v1/ops/processes/{order_id}/retry",
    "POST /console/cases/retry":                            "POST /api/v1/ops/processes/{order_id}/retry",
    "GET /console/cases/skip":                              "POST /api/v1/ops/processes/{order_id}/skip",
    "POST /console/cases/skip":                             "POST /api/v1/ops/processes/{order_id}/skip",
    "GET /console/cases/compensate":                        "POST /api/v1/ops/processes/{order_id}/compensate",
    "POST /console/cases/compensate":                       "POST /api/v1/ops/processes/{order_id}/compensate",
    "GET /console/cases/resolve":                           "POST /api/v1/ops/processes/{order_id}/resolve",
    "POST /console/cases/resolve":                          "POST /api/v1/ops/processes/{order_id}/resolve",
    "GET /console/parked":                                  "GET /api/v1/ops/parked",
    "GET /console/parked/{group}":                          "GET /api/v1/ops/parked/{group}",
    "GET /console/parked/{group}/retry":                    "POST /api/v1/ops/parked/{group}/retry",
    "POST /console/parked/{group}/retry":                   "POST /api/v1/ops/parked/{group}/retry",
    "GET /console/parked/{group}/discard":                  "POST /api/v1/ops/parked/{group}/discard",
    "POST /console/parked/{group}/discard":                 "POST /api/v1/ops/parked/{group}/discard",
    "GET /console/parked/{group}/edit":                     "POST /api/v1/ops/parked/{group}/edit",
    "POST /console/parked/{group}/edit":                    "POST /api/v1/ops/parked/{group}/edit",
    "GET /console/refunds":                                 "GET /api/v1/refunds",
    "GET /console/shipping":                                "GET /api/v1/orders",
    "GET /console/shipping/on-their-way":                   "GET /api/v1/orders",
    "GET /console/shipping/picks":                          "GET /api/v1/orders",
    "GET /console/shipping/dispatch":                       "POST /api/v1/shipments/{shipment_id}/dispatch",
    "POST /console/shipping/dispatch":                      "POST /api/v1/shipments/{shipment_id}/dispatch",
    "GET /console/shipping/delivery":                       "POST /api/v1/shipments/{shipment_id}/delivery",
    "POST /console/shipping/delivery":                      "POST /api/v1/shipments/{shipment_id}/delivery",
    "GET /console/stock":                                   "GET /api/v1/inventory",
    "GET /console/stock/{sku}":                             "GET /api/v1/audit/streams/{stream_id}",
    "GET /console/stock/{sku}/live":                        "GET /api/v1/inventory/events",
    "GET /console/stock/{sku}/receipts":                    "POST /api/v1/inventory/{sku}/receipts",
    "POST /console/stock/{sku}/receipts":                   "POST /api/v1/inventory/{sku}/receipts",
    "GET /console/stock/{sku}/adjustments":                 "POST /api/v1/inventory/{sku}/adjustments",
    "POST /console/stock/{sku}/adjustments":                "POST /api/v1/inventory/{sku}/adjustments",
    "GET /console/catalogue":                               "GET /api/v1/products",
    "GET /console/catalogue/{sku}":                         "GET /api/v1/audit/streams/{stream_id}",
    "GET /console/add-product":                             "PUT /api/v1/products/{sku}",
    "GET /console/catalogue/{sku}/terms":                   "PUT /api/v1/products/{sku}",
    "POST /console/catalogue/{sku}/terms":                  "PUT /api/v1/products/{sku}",
    "GET /console/catalogue/{sku}/end":                     "DELETE /api/v1/products/{sku}",
    "POST /console/catalogue/{sku}/end":                    "DELETE /api/v1/products/{sku}",
    "GET /console/orders":                                   "GET /api/v1/orders",
    "GET /console/orders/{order_id}":                        "GET /api/v1/audit/orders/{order_id}/trace",
    "GET /console/orders/{order_id}/live":                   "GET /api/v1/orders/{order_id}/events",
    "GET /console/orders/{order_id}/cancellation":           "POST /api/v1/orders/{order_id}/cancellation",
    "POST /console/orders/{order_id}/cancellation":          "POST /api/v1/orders/{order_id}/cancellation",
    "GET /console/orders/{order_id}/erasure":               "POST /api/v1/orders/{order_id}/erasure",
    "POST /console/orders/{order_id}/erasure":              "POST /api/v1/orders/{order_id}/erasure",
    "GET /console/orders/{order_id}/history":                "GET /api/v1/audit/streams/{stream_id}/state",
    "GET /console/orders/{order_id}/why":                    "GET /api/v1/audit/orders/{order_id}/trace",
    "GET /console/orders/{order_id}/process":                "GET /api/v1/orders/{order_id}/process",
    "GET /console/orders/{order_id}/process/retry":          "POST /api/v1/ops/processes/{order_id}/retry",
    "POST /console/orders/{order_id}/process/retry":         "POST /api/v1/ops/processes/{order_id}/retry",
    "GET /console/orders/{order_id}/process/skip":           "POST /api/v1/ops/processes/{order_id}/skip",
    "POST /console/orders/{order_id}/process/skip":          "POST /api/v1/ops/processes/{order_id}/skip",
    "GET /console/orders/{order_id}/process/compensate":     "POST /api/v1/ops/processes/{order_id}/compensate",
    "POST /console/orders/{order_id}/process/compensate":    "POST /api/v1/ops/processes/{order_id}/compensate",
    "GET /console/orders/{order_id}/process/resolve":        "POST /api/v1/ops/processes/{order_id}/resolve",
    "POST /console/orders/{order_id}/process/resolve":       "POST /api/v1/ops/processes/{order_id}/resolve",
    "GET /console/orders/{order_id}/refund":                 "POST /api/v1/orders/{order_id}/refunds",
    "POST /console/orders/{order_id}/refund":                "POST /api/v1/orders/{order_id}/refunds",
    "GET /console/orders/{order_id}/shipments/{shipment_id}/dispatch":
                                                            "POST /api/v1/shipments/{shipment_id}/dispatch",
    "POST /console/orders/{order_id}/shipments/{shipment_id}/dispatch":
                                                            "POST /api/v1/shipments/{shipment_id}/dispatch",
    "GET /console/orders/{order_id}/shipments/{shipment_id}/delivery":
                                                            "POST /api/v1/shipments/{shipment_id}/delivery",
    "POST /console/orders/{order_id}/shipments/{shipment_id}/delivery":
                                                            "POST /api/v1/shipments/{shipment_id}/delivery",

    "GET /console/log":                                      "GET /api/v1/audit/events",
    "GET /console/log/live":                                 "GET /api/v1/audit/events/live",
    "GET /console/log/{position}":                           "GET /api/v1/audit/events",
    "GET /console/readings":                                 "GET /api/v1/audit/readings",
    "GET /console/customers":                                "GET /api/v1/customers/{customer_id}",
    "GET /console/customers/{customer_id}":                  "GET /api/v1/customers/{customer_id}",
    "GET /console/customers/{customer_id}/export":           "GET /api/v1/customers/{customer_id}/export",
    "GET /console/customers/{customer_id}/erasure":          "POST /api/v1/customers/{customer_id}/erasure",
    "POST /console/customers/{customer_id}/erasure":         "POST /api/v1/customers/{customer_id}/erasure",
    "GET /console/read-models":                              "GET /api/v1/ops/subscriptions",
    "GET /console/read-models/{name}":                       "GET /api/v1/ops/projections/{name}/rebuild",
    "GET /console/read-models/{name}/rebuild":               "POST /api/v1/ops/projections/{name}/rebuild",
    "POST /console/read-models/{name}/rebuild":              "POST /api/v1/ops/projections/{name}/rebuild",
    "GET /console/read-models/{name}/rebuild/end":           "DELETE /api/v1/ops/projections/{name}/rebuild",
    "POST /console/read-models/{name}/rebuild/end":          "DELETE /api/v1/ops/projections/{name}/rebuild",
    "GET /console/read-models/{name}/verification":          "POST /api/v1/ops/projections/{name}/verification",
    "POST /console/read-models/{name}/verification":         "POST /api/v1/ops/projections/{name}/verification",
    "GET /console/read-models/{name}/verification/end":      "DELETE /api/v1/ops/projections/{name}/verification",
    "POST /console/read-models/{name}/verification/end":     "DELETE /api/v1/ops/projections/{name}/verification",
    "GET /console/access":                                  "GET /api/v1/staff",
    "GET /console/access/staff/{member_id}":                "GET /api/v1/staff/{member_id}",
    "GET /console/access/roles":                            "GET /api/v1/staff",
    "GET /console/access/add-member":                       "POST /api/v1/staff",
    "POST /console/access/add-member":                      "POST /api/v1/staff",
    "GET /console/access/staff/{member_id}/role":           "PUT /api/v1/staff/{member_id}/role",
    "POST /console/access/staff/{member_id}/role":          "PUT /api/v1/staff/{member_id}/role",
    "GET /console/access/staff/{member_id}/invitation":     "POST /api/v1/staff/{member_id}/invitation",
    "POST /console/access/staff/{member_id}/invitation":    "POST /api/v1/staff/{member_id}/invitation",
    "GET /console/access/staff/{member_id}/removal":        "DELETE /api/v1/staff/{member_id}",
    "POST /console/access/staff/{member_id}/removal":       "DELETE /api/v1/staff/{member_id}",
    "GET /console/access/keys":                             "GET /api/v1/auth/keys",
    "GET /console/access/keys/{key_id}":                    "GET /api/v1/auth/keys/{key_id}",
    "GET /console/access/add-key":                          "POST /api/v1/auth/keys",
    "POST /console/access/add-key":                         "POST /api/v1/auth/keys",
    "GET /console/access/keys/{key_id}/rotation":           "POST /api/v1/auth/keys/{key_id}/rotation",
    "POST /console/access/keys/{key_id}/rotation":          "POST /api/v1/auth/keys/{key_id}/rotation",
    "GET /console/access/keys/{key_id}/end":                "DELETE /api/v1/auth/keys/{key_id}",
    "POST /console/access/keys/{key_id}/end":               "DELETE /api/v1/auth/keys/{key_id}",
    "GET /console/access/own":                              "GET /api/v1/staff/me",
    "GET /console/access/own/sessions/{session_id}/end":    "DELETE /api/v1/staff/me/sessions/{session_id}",
    "POST /console/access/own/sessions/{session_id}/end":   "DELETE /api/v1/staff/me/sessions/{session_id}",
    "GET /console/access/own/password":                     "PUT /api/v1/staff/me/password",
    "POST /console/access/own/password":                    "PUT /api/v1/staff/me/password",
    "GET /console/access/own/recovery-codes":               "PUT /api/v1/staff/me/recovery-codes",
    "POST /console/access/own/recovery-codes":              "PUT /api/v1/staff/me/recovery-codes",
    "GET /console/access/own/second-factor":                "PUT /api/v1/staff/me/second-factor",
    "POST /console/access/own/second-factor":               "PUT /api/v1/staff/me/second-factor",
    "GET /console/access/own/second-factor/confirmation":   "PUT /api/v1/staff/me/second-factor/confirmation",
    "POST /console/access/own/second-factor/confirmation":  "PUT /api/v1/staff/me/second-factor/confirmation",
    "GET /console/webhooks":                                "GET /api/v1/webhook-endpoints",
    "GET /console/webhooks/{endpoint_id}":                  "GET /api/v1/webhook-endpoints/{endpoint_id}",
    "GET /console/webhooks/{endpoint_id}/deliveries/{position}":
        "GET /api/v1/webhook-endpoints/{endpoint_id}/deliveries/{position}",
    "GET /console/webhooks/{endpoint_id}/deliveries/{position}/replay":
        "POST /api/v1/webhook-endpoints/{endpoint_id}/deliveries/{position}/replay",
    "POST /console/webhooks/{endpoint_id}/deliveries/{position}/replay":
        "POST /api/v1/webhook-endpoints/{endpoint_id}/deliveries/{position}/replay",
    "GET /console/webhooks/endpoints/new":                  "POST /api/v1/webhook-endpoints",
    "POST /console/webhooks/endpoints/new":                 "POST /api/v1/webhook-endpoints",
    "GET /console/webhooks/{endpoint_id}/change":           "PATCH /api/v1/webhook-endpoints/{endpoint_id}",
    "POST /console/webhooks/{endpoint_id}/change":          "PATCH /api/v1/webhook-endpoints/{endpoint_id}",
    "GET /console/webhooks/{endpoint_id}/rotation":         "POST /api/v1/webhook-endpoints/{endpoint_id}/rotation",
    "POST /console/webhooks/{endpoint_id}/rotation":        "POST /api/v1/webhook-endpoints/{endpoint_id}/rotation",
    "GET /console/webhooks/{endpoint_id}/replay":           "POST /api/v1/webhook-endpoints/{endpoint_id}/replay",
    "POST /console/webhooks/{endpoint_id}/replay":          "POST /api/v1/webhook-endpoints/{endpoint_id}/replay",
    "GET /console/webhooks/{endpoint_id}/removal":          "DELETE /api/v1/webhook-endpoints/{endpoint_id}",
    "POST /console/webhooks/{endpoint_id}/removal":         "DELETE /api/v1/webhook-endpoints/{endpoint_id}",
    "GET /console/integrity":                               "GET /api/v1/audit/heads",
    "POST /console/integrity":                              "GET /api/v1/audit/heads",
    "GET /console/integrity/verification":                 "POST /api/v1/audit/verification",
    "POST /console/integrity/verification":                "POST /api/v1/audit/verification",
    "GET /console/integrity/verification/end":             "DELETE /api/v1/audit/verification",
    "POST /console/integrity/verification/end":            "DELETE /api/v1/audit/verification",
    "POST /console/integrity/proof":                        "GET /api/v1/audit/orders/{order_id}/proof",
    "GET /console/workers":                                  "GET /api/v1/ops/workers",
}
"""The console's pages and actions: each lets in whom this route of the API lets in, by role and scope. Everything that
a page shows, and all that it does, is asked of the API's routes, whose rules hold then, too."""

SHOP_PAGES: Mapping[str, str] = {
    "GET /shop":                                             "GET /api/v1/products",
    "GET /shop/products/{sku}":                              "GET /api/v1/products/{sku}",
    "GET /shop/orders":                                      "GET /api/v1/orders",
    "GET /shop/orders/{order_id}":                           "GET /api/v1/orders/{order_id}",
    "GET /shop/orders/{order_id}/live":                      "GET /api/v1/orders/{order_id}/events",
    "GET /shop/orders/{order_id}/cancellation":              "POST /api/v1/orders/{order_id}/cancellation",
    "POST /shop/orders/{order_id}/cancellation":             "POST /api/v1/orders/{order_id}/cancellation",
}
"""Likewise the shop's, for customers."""

Right = Literal["set a price", "see who looked"]

RIGHTS: Mapping[Right, Rule] = {
    #                                                            customer operator auditor service
    "set a price":                                           Rule(NONE,   ANY,     NONE,   ANY),
    "see who looked":                                        Rule(NONE,   OWN,     ANY,    NONE),
}
"""The rule of what is done within a route, by its name: to order at another price than the catalogue's, and to see the
records of who looked at others' data."""
# fmt: on

SCOPES: Mapping[Scope, frozenset[str]] = {
    "products:read": frozenset({"GET /api/v1/products", "GET /api/v1/products/{sku}"}),
    "stock:read": frozenset(
        {
            "GET /api/v1/inventory",
            "GET /api/v1/inventory/{sku}",
            "GET /api/v1/inventory/{sku}/reservations",
            "GET /api/v1/inventory/events",
        }
    ),
    "stock:write": frozenset(
        {
            "POST /api/v1/inventory/{sku}/receipts",
            "POST /api/v1/inventory/{sku}/adjustments",
            "POST /api/v1/inventory:import",
        }
    ),
    "orders:read": frozenset(
        {
            "GET /api/v1/orders",
            "GET /api/v1/orders/{order_id}",
            "GET /api/v1/orders/{order_id}/payment",
            "GET /api/v1/orders/{order_id}/refunds",
            "GET /api/v1/refunds",
            "GET /api/v1/orders/{order_id}/process",
            "GET /api/v1/orders/{order_id}/timeline",
            "GET /api/v1/orders/{order_id}/shipments",
            "GET /api/v1/orders/{order_id}/events",
        }
    ),
    "orders:place": frozenset({"POST /api/v1/orders", "POST /api/v1/orders/{order_id}/payment/attempts"}),
    "orders:cancel": frozenset({"POST /api/v1/orders/{order_id}/cancellation"}),
    "prices:set": frozenset({"set a price"}),
    "refunds:make": frozenset({"POST /api/v1/orders/{order_id}/refunds"}),
    "shipments:move": frozenset(
        {"POST /api/v1/shipments/{shipment_id}/dispatch", "POST /api/v1/shipments/{shipment_id}/delivery"}
    ),
    "products:write": frozenset(
        {
            "PUT /api/v1/products/{sku}",
            "DELETE /api/v1/products/{sku}",
            "POST /api/v1/products:import",
            "POST /api/v1/prices:import",
        }
    ),
    "customers:read": frozenset(
        {
            "GET /api/v1/customers",
            "GET /api/v1/customers/{customer_id}",
            "GET /api/v1/customers/{customer_id}/export",
        }
    ),
    "erasures:read": frozenset(
        {
            "GET /api/v1/customers/{customer_id}/erasure",
            "GET /api/v1/orders/{order_id}/erasure",
            "GET /api/v1/ops/erasures",
        }
    ),
    "erasures:request": frozenset(
        {"POST /api/v1/customers/{customer_id}/erasure", "POST /api/v1/orders/{order_id}/erasure"}
    ),
    "audit:read": frozenset(
        {
            "GET /api/v1/audit/events",
            "GET /api/v1/audit/events/live",
            "GET /api/v1/audit/streams/{stream_id}",
            "GET /api/v1/audit/streams/{stream_id}/state",
            "GET /api/v1/audit/orders/{order_id}/trace",
            "GET /api/v1/audit/orders/{order_id}/readings",
            "GET /api/v1/audit/readings",
            "GET /api/v1/audit/orders/{order_id}/proof",
            "GET /api/v1/audit/heads",
            "GET /api/v1/audit/verification",
            "see who looked",
        }
    ),
    "reports:read": frozenset({"GET /api/v1/reports/sales", "GET /api/v1/reports/orders"}),
    "operations:read": frozenset(
        {
            "GET /api/v1/ops/attention",
            "GET /api/v1/ops/subscriptions",
            "GET /api/v1/ops/followers",
            "GET /api/v1/ops/workers",
            "GET /api/v1/ops/calls",
            "GET /api/v1/ops/processes",
            "GET /api/v1/ops/cases",
            "GET /api/v1/ops/parked",
            "GET /api/v1/ops/parked/{group}",
            "GET /api/v1/ops/projections/{name}/rebuild",
            "GET /api/v1/ops/projections/{name}/verification",
        }
    ),
    "cases:decide": frozenset(
        {
            "POST /api/v1/ops/processes/{order_id}/retry",
            "POST /api/v1/ops/processes/{order_id}/compensate",
            "POST /api/v1/ops/processes/{order_id}/skip",
            "POST /api/v1/ops/processes/{order_id}/resolve",
            "POST /api/v1/ops/cases/{order_id}/assignment",
            "POST /api/v1/ops/cases/{order_id}/notes",
        }
    ),
    "parked:decide": frozenset(
        {
            "POST /api/v1/ops/parked/{group}/retry",
            "POST /api/v1/ops/parked/{group}/discard",
            "POST /api/v1/ops/parked/{group}/edit",
        }
    ),
    "projections:maintain": frozenset(
        {
            "POST /api/v1/ops/projections/{name}/rebuild",
            "DELETE /api/v1/ops/projections/{name}/rebuild",
            "POST /api/v1/ops/projections/{name}/verification",
            "DELETE /api/v1/ops/projections/{name}/verification",
            "POST /api/v1/audit/verification",
            "DELETE /api/v1/audit/verification",
        }
    ),
    "keys:read": frozenset({"GET /api/v1/auth/keys", "GET /api/v1/auth/keys/{key_id}"}),
    "keys:manage": frozenset(
        {"POST /api/v1/auth/keys", "POST /api/v1/auth/keys/{key_id}/rotation", "DELETE /api/v1/auth/keys/{key_id}"}
    ),
    "staff:read": frozenset({"GET /api/v1/staff", "GET /api/v1/staff/{member_id}"}),
    "staff:manage": frozenset(
        {
            "POST /api/v1/staff",
            "PUT /api/v1/staff/{member_id}/role",
            "POST /api/v1/staff/{member_id}/invitation",
            "DELETE /api/v1/staff/{member_id}",
        }
    ),
    "webhooks:read": frozenset(
        {
            "GET /api/v1/webhook-endpoints",
            "GET /api/v1/webhook-endpoints/{endpoint_id}",
            "GET /api/v1/webhook-endpoints/{endpoint_id}/deliveries",
            "GET /api/v1/webhook-endpoints/{endpoint_id}/deliveries/{position}",
        }
    ),
    "webhooks:manage": frozenset(
        {
            "POST /api/v1/webhook-endpoints",
            "PATCH /api/v1/webhook-endpoints/{endpoint_id}",
            "DELETE /api/v1/webhook-endpoints/{endpoint_id}",
            "POST /api/v1/webhook-endpoints/{endpoint_id}/rotation",
            "POST /api/v1/webhook-endpoints/{endpoint_id}/replay",
            "POST /api/v1/webhook-endpoints/{endpoint_id}/deliveries/{position}/replay",
        }
    ),
}
"""What of the table a key, a token or an account can be good for: the actions of each scope."""

OF_ONESELF = frozenset(
    {
        "GET /api/v1/auth/usage",
        "GET /api/v1/staff/me",
        "GET /api/v1/staff/me/sessions",
        "DELETE /api/v1/staff/me/sessions/{session_id}",
        "PUT /api/v1/staff/me/password",
        "PUT /api/v1/staff/me/recovery-codes",
        "PUT /api/v1/staff/me/second-factor",
        "PUT /api/v1/staff/me/second-factor/confirmation",
    }
)
"""What needs no scope: everybody who has an account may see to it."""


class RouteWithoutRule(LookupError):
    """A route that the table has no row for; it is served to nobody."""


FRONT_DOORS: Mapping[str, str] = {
    "GET /mobile/v1/orders": "GET /api/v1/orders",
    "GET /mobile/v1/orders/{order_id}": "GET /api/v1/orders/{order_id}",
    "GET /partner": "GET /api/v1/auth/usage",
}
"""Likewise the other front doors: the mobile one for customers, the partners' for services."""

PAGES: Mapping[str, str] = {**CONSOLE_PAGES, **SHOP_PAGES, **FRONT_DOORS}

SITE_ROLES: Mapping[str, frozenset[Role]] = {
    CONSOLE: frozenset({"operator", "auditor"}),
    SHOP: frozenset({"customer"}),
    PARTNER: frozenset({"service"}),
}
"""Whom each site is for."""


def rule_of(route: str) -> Rule | TokenFree:
    """The rule of a route, by its method and path. Raises `RouteWithoutRule`."""
    try:
        return ROUTES[PAGES.get(route, route)]
    except KeyError:
        raise RouteWithoutRule(f"{route} has no row in api/permissions.py, and so is for nobody") from None


def scopes_of(action: str) -> list[Scope]:
    """The scopes that an action is in."""
    return [scope for scope, actions in SCOPES.items() if action in actions]


def is_within(action: str, scopes: Collection[str] | None) -> bool:
    """Whether scopes are good for an action; None is good for all that the role may do."""
    return scopes is None or action in OF_ONESELF or any(scope in scopes for scope in scopes_of(action))
