"""Meetings in the calendar format, RFC 5545: what we write, and what we read of others."""

from sessions.ical.writing import Entry, Repeat, write_calendar

__all__ = ["Entry", "Repeat", "write_calendar"]
