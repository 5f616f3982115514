"""The modules that are delivered with the product, in files that are checked when read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from programs.models import Audience
from programs.templating import Node, Text
from programs.templating.files import load

FOLDER = Path(__file__).parent / "modules_data"


@dataclass(frozen=True)
class PageText:
    title: Text
    text: Text


@dataclass(frozen=True)
class QuizText:
    text: Text
    choices: tuple[Text, ...]
    right: int
    why: Text


@dataclass(frozen=True)
class ModuleText:
    """One file. ``phase`` counts the cohort's phases from 1; None is before the start."""

    key: str
    version: int
    audience: str
    minutes: int
    phase: int | None
    refresh_months: int | None
    title: Text
    summary: Text
    pages: tuple[PageText, ...]
    quiz: tuple[QuizText, ...]


@cache
def all_modules() -> tuple[ModuleText, ...]:
    """Return every delivered module, those of mentors first.

    Raises:
        TemplateError: one of them is not as it must be.
    """
    return tuple(read_module(load(path)) for path in sorted(FOLDER.glob("*.yaml")))


def read_module(node: Node) -> ModuleText:
    fields = node.mapping(
        ("key", "version", "audience", "minutes", "title", "summary", "pages", "quiz"),
        ("phase", "refresh_months"),
    )
    return ModuleText(
        key=fields["key"].word(longest=40),
        version=fields["version"].number(1, 999),
        audience=fields["audience"].one_of(Audience.values),
        minutes=fields["minutes"].number(1, 60),
        phase=fields["phase"].number(1, 20) if "phase" in fields else None,
        refresh_months=fields["refresh_months"].number(1, 60)
        if "refresh_months" in fields
        else None,
        title=fields["title"].text(longest=120),
        summary=fields["summary"].text(longest=300),
        pages=tuple(_page(item) for item in fields["pages"].items(least=2)),
        quiz=tuple(_quiz(item) for item in fields["quiz"].items(least=2)),
    )


def _page(node: Node) -> PageText:
    fields = node.mapping(("title", "text"))
    return PageText(fields["title"].text(longest=120), fields["text"].text())


def _quiz(node: Node) -> QuizText:
    fields = node.mapping(("text", "choices", "right", "why"))
    choices = fields["choices"].texts(least=2, longest=200)
    return QuizText(
        text=fields["text"].text(longest=300),
        choices=choices,
        right=fields["right"].number(1, len(choices)),
        why=fields["why"].text(longest=400),
    )
