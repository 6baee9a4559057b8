"""What an event is and how it is stored: its fields, its topic and version, and which values it may hold."""
