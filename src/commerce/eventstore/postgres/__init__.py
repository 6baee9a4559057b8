"""PostgreSQL as the log uses it: sessions, arrays of columns, statements, the schema and the role, its errors as texts."""
