"""PostgreSQL as the log uses it: sessions, arrays, statements, the schema, the application's role, errors as texts."""
