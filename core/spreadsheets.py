"""Text for tables that people open in a spreadsheet program."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutral(text: str) -> str:
    """Return a cell that no spreadsheet program runs: an apostrophe stands before a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
