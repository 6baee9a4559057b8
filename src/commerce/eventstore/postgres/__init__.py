"""PostgreSQL as the log uses it: sessions, arrays of columns, migrations, and its errors in plain words."""
