"""The ways out: the payment provider and the carrier, as ports and as HTTP."""
