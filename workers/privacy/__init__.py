"""What keeps personal data no longer than it may be kept."""
