"""How days and times are written: the day first, and 24 hours."""
