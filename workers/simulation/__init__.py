"""Simulated parties: durable ledgers, and the rules and behaviour of real ones."""
