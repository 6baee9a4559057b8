"""`commerce gateway`: for those who connect a payment provider or a carrier."""
