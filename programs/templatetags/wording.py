"""Texts of a cohort in the reader's language, and as paragraphs and lists."""

from __future__ import annotations

from dataclasses import dataclass, field

from django import template

from programs import wording

register = template.Library()
BULLET = "- "


@dataclass
class Block:
    """A paragraph with its lines, or a list with its items."""

    is_list: bool
    lines: list[str] = field(default_factory=list)


@register.filter
def delivered(text: str) -> str:
    return wording.delivered(text)


@register.filter
def delivered_lines(text: str) -> list[str]:
    return wording.delivered_lines(text)


@register.filter
def blocks(text: str) -> list[Block]:
    """Split a text in the reader's language: an empty line parts, “- ” begins an item."""
    found: list[Block] = []
    is_open = False
    for line in wording.delivered(text).splitlines():
        words = line.strip()
        is_list = words.startswith(BULLET)
        if words and (not is_open or found[-1].is_list != is_list):
            found.append(Block(is_list))
        is_open = bool(words)
        if words:
            found[-1].lines.append(words.removeprefix(BULLET) if is_list else words)
    return found
