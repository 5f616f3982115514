"""Whole numbers as browsers send them."""

from __future__ import annotations

LARGEST_KEY = 2**63 - 1
LONGEST = 19  # digits of the largest key


def whole_number(text: str | None, *, most: int = LARGEST_KEY) -> int | None:
    """Return a number from 0 to ``most``, or None for anything else, however long it is."""
    if text is None or not text.isdecimal() or len(text) > LONGEST:
        return None
    number = int(text)
    return number if number <= most else None
