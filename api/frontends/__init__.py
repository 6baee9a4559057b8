"""Front doors: what one kind of client needs, over the API (backends for frontends)."""
