"""Bulk: many lines of JSON that are sent, each answered by a line, or that are shown, each with where it goes on."""
