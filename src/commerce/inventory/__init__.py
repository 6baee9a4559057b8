"""Stock: how much of each SKU is on hand, how much of that is promised, and to which order."""
