"""Texts that came with the product, shown in the reader's language until somebody rewords them.

A cohort keeps its texts in one language. Where a stored text is word for word one that a template
or a module brought, a reader of another language gets it in theirs. Lists of lines go line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from django.utils.translation import get_language, gettext

from programs.templating.nodes import Text

Source = Callable[[], Any]
_sources: list[Source] = []


def register_wording(source: Source) -> None:
    """Let ``source`` name texts: anything made of dataclasses, lists and mappings of ``Text``."""
    if source not in _sources:
        _sources.append(source)
        _known.cache_clear()


def texts_in(value: Any) -> Iterator[Text]:
    """Yield every text inside dataclasses, lists and mappings."""
    if isinstance(value, Text):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from texts_in(getattr(value, part.name))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)


@cache
def _known() -> dict[str, Text]:
    known: dict[str, Text] = {}
    for source in _sources:
        for text in texts_in(source()):
            known.setdefault(text.en, text)
            known.setdefault(text.de, text)
    return known


def delivered(text: str) -> str:
    """Return a text that came with the product in the reader's language, any other as it is."""
    if not text:
        return ""
    known = _known().get(text)
    if known is not None:
        return known.in_language(get_language() or "en")
    return gettext(text)


def delivered_lines(text: str) -> list[str]:
    """Return the lines of a text, each as ``delivered``, empty ones left out."""
    return [delivered(line.strip()) for line in text.splitlines() if line.strip()]
