"""Sort keys of names: alike on every server, whatever its collation."""

from __future__ import annotations

import unicodedata


def sort_key(text: str) -> str:
    """Return ``text`` without case and accents, for ordering and for finding doubles."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return " ".join(bare.split())
