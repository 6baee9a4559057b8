// Starts Swagger UI, and puts what only the running system knows in the place of the document's examples.
"use strict";

const examples = document.currentScript.dataset;

/** The first item of a list, asked for as whoever tries it out; undefined where there is none, or it is not theirs to see. */
async function first(path, authorization) {
  const answer = await fetch(path, { headers: authorization ? { Authorization: authorization } : {} });
  return answer.ok ? (await answer.json()).items[0] : undefined;
}

/** An order for the operation: one that can be cancelled where that is wanted, otherwise the one placed last. */
async function orderFor(url, authorization) {
  const status = url.endsWith("/cancellation") ? "&status=confirmed&status=placed" : "";
  return (await first(`/api/v1/orders?limit=1${status}`, authorization))?.order_id;
}

/** A shipment that can be dispatched, or delivered. */
async function shipmentFor(url, authorization) {
  const status = url.endsWith("/delivery") ? "shipped" : "confirmed";
  const order = await first(`/api/v1/orders?limit=1&status=${status}`, authorization);
  return order && (await first(`/api/v1/orders/${order.order_id}/shipments`, authorization))?.shipment_id;
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function withRealValues(request) {
  const { url, headers } = request;
  if (headers["Idempotency-Key"] === examples.key) {
    headers["Idempotency-Key"] = newKey();
  }
  if (url.includes(examples.order)) {
    request.url = url.replace(examples.order, (await orderFor(url, headers.Authorization)) ?? examples.order);
  } else if (url.includes(examples.shipment)) {
    request.url = url.replace(examples.shipment, (await shipmentFor(url, headers.Authorization)) ?? examples.shipment);
  }
  return request;
}

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  requestInterceptor: withRealValues,
  validatorUrl: null,
});
