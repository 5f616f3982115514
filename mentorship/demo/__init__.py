"""Invented people for a first look, and a whole invented organisation for measuring."""
