"""Shipping: the shipment of an order, from the carrier's booking to the customer's door."""
