"""Parts of a template that upper apps own: each reads, applies and copies its own.

Upper apps register in ``AppConfig.ready()``; this app never imports them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from programs.models import Cohort
from programs.templating.nodes import Node


@dataclass(frozen=True)
class Section:
    """One field of a template file.

    ``read`` turns the node into a value and raises ``TemplateError``; ``apply`` writes it for a new
    cohort in a language; ``copy`` gives a new cohort what an earlier one had (earlier, new).
    """

    name: str
    read: Callable[[Node], Any]
    apply: Callable[[Cohort, Any, str], None]
    copy: Callable[[Cohort, Cohort], None]
    is_required: bool = True


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    _sections[section.name] = section


def sections() -> list[Section]:
    return list(_sections.values())
