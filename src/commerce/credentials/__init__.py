"""What all accounts of people rest on: passwords, codes, signed tokens, guesses that are counted, and sessions."""
