"""`commerce doctor`: each file checks one part of a system, and says what is wrong and what to do about it."""
