"""The API as the command line calls it, and the commands that only call it."""
