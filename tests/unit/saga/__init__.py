"""Tests of the process manager: its decisions, in memory."""
