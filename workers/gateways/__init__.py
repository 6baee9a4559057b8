"""The ways out: the adapters that speak to the payment provider and the carrier over HTTP, and mail."""
