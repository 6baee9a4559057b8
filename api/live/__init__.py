"""Server-sent events: what is recorded of orders and stock, told as it happens to everybody who listens."""
