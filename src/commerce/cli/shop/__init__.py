"""A shop's order history: read from a file, judged line by line, played through the API, and accounted for."""
