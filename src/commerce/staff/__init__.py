"""Staff: the operators and auditors of the shop, how they are invited, and how they log in with a second factor."""
