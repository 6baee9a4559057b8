"""The rows of the read model of orders, computed by PostgreSQL alone."""

from __future__ import annotations

from projections.orders import ORDERS

INSERT_SELECT = f"""
INSERT INTO {ORDERS.table} (order_id, place, placed_at, updated_at, state, first, position)
SELECT id, first, placed_at, updated_at,
       (placed - 'class_version') || jsonb_build_object(
           'id', id, 'version', version, 'status', status,
           'tracking_number', confirmed -> 'tracking_number', 'carrier', confirmed -> 'carrier',
           'estimated_delivery', confirmed -> 'estimated_delivery', 'reason', rejected -> 'reason',
           'cancellation_reason', requested -> 'reason', 'refusal', NULL, 'disputes', '[]'::jsonb,
           'status_before',
           CASE WHEN requested IS NULL THEN NULL WHEN confirmed IS NULL THEN 'placed' ELSE 'confirmed' END),
       first, position
FROM (
    SELECT originator_id AS id, max(originator_version) AS version,
           min(recorded_at) AS placed_at, max(recorded_at) AS updated_at,
           min(notification_id) AS first, max(notification_id) AS position,
           (array_agg(
               CASE topic WHEN 'ordering.OrderPlaced' THEN 'placed' WHEN 'ordering.OrderConfirmed' THEN 'confirmed'
                   WHEN 'ordering.OrderRejected' THEN 'rejected'
                   WHEN 'ordering.OrderCancellationRequested' THEN 'cancelling'
                   WHEN 'ordering.OrderCancelled' THEN 'cancelled' WHEN 'ordering.OrderShipped' THEN 'shipped'
                   WHEN 'ordering.OrderDelivered' THEN 'delivered' END
               ORDER BY originator_version DESC))[1] AS status,
           (array_agg(fields) FILTER (WHERE topic = 'ordering.OrderPlaced'))[1] AS placed,
           (array_agg(fields) FILTER (WHERE topic = 'ordering.OrderConfirmed'))[1] AS confirmed,
           (array_agg(fields) FILTER (WHERE topic = 'ordering.OrderRejected'))[1] AS rejected,
           (array_agg(fields) FILTER (WHERE topic = 'ordering.OrderCancellationRequested'))[1] AS requested
    FROM (
        SELECT *, convert_from(state, 'UTF8')::jsonb AS fields FROM commerce_events WHERE topic LIKE 'ordering.%'
    ) AS decoded
    GROUP BY originator_id
) AS folded"""
"""For logs in which no cancellation was rejected and nothing disputed, as `bench.order_log` makes them. As fast as
joining the kinds of events."""
