"""Counts that a municipality lets out: of many people at once, and so that nobody is found."""
