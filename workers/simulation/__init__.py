"""What stands in for the parties outside: durable ledgers, and the rules and manners of the real ones."""
