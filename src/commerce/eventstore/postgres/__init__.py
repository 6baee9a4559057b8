"""PostgreSQL as the log uses it: sessions, column arrays, statements, the schema and the role, its errors as texts."""
