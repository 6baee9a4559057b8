"""The values that contexts share, and the errors that they raise: ids, money, texts, countries, times."""
