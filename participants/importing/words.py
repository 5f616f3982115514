"""Keys of words that come again and again in one file."""

from __future__ import annotations

from functools import lru_cache

from core.names import sort_key

word_key = lru_cache(maxsize=20_000)(sort_key)
