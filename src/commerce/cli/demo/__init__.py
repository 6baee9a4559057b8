"""`commerce demo`: an order for every way in which an order can end."""
