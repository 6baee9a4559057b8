"""What the order routes do beyond one command: place an order, cancel it, wait until it is complete."""
