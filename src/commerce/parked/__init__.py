"""What people decide about parked events: try them again, read them as corrected, or leave them out."""
