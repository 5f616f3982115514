"""Answers and agreements as sealed JSON: opened into plain dictionaries, never half."""

from __future__ import annotations

import json
from typing import Any

from matching.models import AgreementVersion, ExpectationSheet
from programs.models import AgreementPart

Answer = str | list[str]
Answers = dict[str, Answer]
Parts = dict[str, str]


def answers_in(sheet: ExpectationSheet) -> Answers:
    """Return the answers of a sheet by key of the question."""
    opened: Answers = _opened(sheet.words)
    return opened


def parts_of(version: AgreementVersion | None) -> Parts:
    """Return the text of a version by part, every part named; empty where there is no version."""
    opened: Parts = _opened(version.words) if version else {}
    return {part: opened.get(part, "") for part in AgreementPart.values}


def packed_words(values: Answers | Parts) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def _opened(words: str) -> dict[str, Any]:
    return json.loads(words) if words else {}
