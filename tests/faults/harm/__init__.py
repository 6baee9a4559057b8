"""What is patched into the processes of a system under test, from outside: points to die at, and planted bugs."""
