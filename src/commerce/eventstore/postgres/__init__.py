<<<<<<< HEAD
"""PostgreSQL as the log uses it: sessions, column arrays, statements, the schema and the role, its errors as texts."""
=======
"""PostgreSQL as the log uses it: sessions, arrays, statements, the schema, the application's role, errors as texts."""
>>>>>>> 418e825 (Prose of the event store fits its lines)
