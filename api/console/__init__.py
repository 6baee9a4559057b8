"""The console: pages for staff, made with `api.pages`, and what several of them share about orders and records."""
