"""From the text of a cell to a value, or a problem in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from participants.importing.languages import language_code
from participants.importing.sentences import problem
from participants.importing.targets import QUESTION
from participants.importing.words import word_key
from programs.models import Question, QuestionKind

MAX_CELL = 20_000
REPEATING = {
    "department",
    "location",
    "job_title",
    "level",
    "time_zone",
    "language",
    "languages",
    "function",
    "skills_offered",
    "skills_wanted",
    "interests",
}
REPEATING_LENGTH, REPEATING_MOST = 120, 5_000
MAX_ITEMS = 40
LENGTHS = {
    "email": 254,
    "manager_email": 254,
    "first_name": 80,
    "last_name": 80,
    "full_name": 161,
    "employee_id": 40,
    "manager_employee_id": 40,
    "department": 120,
    "location": 120,
    "job_title": 120,
    "level": 60,
    "organisation": 120,
    "function": 120,
    "bio": 5_000,
    "goal_text": 5_000,
    "offer_text": 5_000,
}
CELL_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
ITEM_BREAK = re.compile(r"[;\n|]")
IMPORTANCE = re.compile(r"^(.*?)\s*[:=(]\s*([123])\)?$", re.DOTALL)
DATE_PARTS = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[ T]\d{2}:\d{2}(:\d{2})?)?")
YES = {"yes", "y", "true", "x", "ja", "j"}
NO = {"no", "n", "false", "nein", "none", "never", "nie"}


class CellProblem(Exception):
    """A cell that cannot be taken, with the code and the words' parameters."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


Reading = tuple[dict[str, Any], list[dict[str, Any]]]


@dataclass(slots=True)
class Reader:
    """Reads cells of one file: knows the form's questions, the ladder, and how days are written."""

    questions: dict[str, Question] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    day_first: dict[int, bool | None] = field(default_factory=dict)
    seen: dict[tuple[str, str], Any] = field(default_factory=dict)

    def read(self, cells: list[str], columns: Iterable[tuple[int, str]]) -> Reading:
        """Return values by target and the problems of the row; an empty cell has no value."""
        values: dict[str, Any] = {}
        problems: list[dict[str, Any]] = []
        for index, target in columns:
            if not cells[index]:
                continue
            try:
                values[target] = self._value(target, cells[index], index)
            except CellProblem as error:
                problems.append(problem(error.code, target, **error.params))
        split_full_name(values)
        return values, problems

    def _value(self, target: str, text: str, index: int) -> Any:
        """Read a cell, or remember what the same words meant in an earlier row."""
        if target not in REPEATING or len(text) > REPEATING_LENGTH:
            return self.value(target, text, index)
        key = (target, text)
        if key not in self.seen:
            if len(self.seen) > REPEATING_MOST:
                self.seen.clear()
            self.seen[key] = self.value(target, text, index)
        return self.seen[key]

    def value(self, target: str, text: str, index: int = 0) -> Any:
        """Return the value of a cell that is not empty; raises ``CellProblem``."""
        if text in CELL_ERRORS:
            raise CellProblem("cell_error", value=text)
        limit = LENGTHS.get(target, MAX_CELL)
        if len(text) > limit:
            raise CellProblem("too_long", limit=limit)
        if target.startswith(QUESTION):
            return self._answer(self.questions[target.removeprefix(QUESTION)], text, index)
        if target == "level":
            return self._level(text)
        if target == "works_until":
            return day_of(text, day_first=self.day_first.get(index)).isoformat()
        return PARSERS.get(target, one_line)(text)

    def _level(self, text: str) -> str:
        name = self.levels.get(level_key(text))
        if name is None:
            raise CellProblem("unknown_level", value=one_line(text))
        return name

    def _answer(self, question: Question, text: str, index: int) -> Any:
        if question.kind == QuestionKind.SCALE:
            return whole_number(text, 1, 5)
        if question.kind == QuestionKind.DATE:
            return day_of(text, day_first=self.day_first.get(index)).isoformat()
        if question.kind == QuestionKind.CHOICE:
            return one_choice(text, question.choices)
        if question.kind == QuestionKind.CHOICES:
            return several_choices(text, question.choices)
        return text


def level_key(name: str) -> str:
    """Return a level's name without case, accents and spaces: "grade7" is "Grade 7"."""
    return "".join(word_key(name).split())


def one_line(text: str) -> str:
    return " ".join(text.split())


def email(text: str) -> str:
    address = text.removeprefix("mailto:").strip().strip("<>").lower()
    try:
        validate_email(address)
    except ValidationError:
        raise CellProblem("email_invalid", value=_short(text)) from None
    return address


@cache
def zone_names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def time_zone(text: str) -> str:
    name = zone_names().get(text.strip().replace(" ", "_").lower())
    if name is None:
        raise CellProblem("time_zone_invalid", value=_short(text))
    return name


def page_language(text: str) -> str:
    code = language_code(text)
    offered = dict(settings.LANGUAGES)
    if code not in offered:
        raise CellProblem("language_not_offered", value=_short(text), choices=", ".join(offered))
    return code


def spoken_languages(text: str) -> list[str]:
    found = []
    for word in items(text, commas=True, slashes=True):
        code = language_code(re.sub(r"\s*\(.*?\)\s*$", "", word))
        if code is None:
            raise CellProblem("language_unknown", value=_short(word))
        found.append(code)
    return list(dict.fromkeys(found))


def items(text: str, *, commas: bool = True, slashes: bool = False, longest: int = 80) -> list[str]:
    """Split a list in a cell: by semicolon, bar or line, else by comma; doubles are dropped."""
    breaks = ITEM_BREAK.split(text)
    if len(breaks) == 1 and commas:
        breaks = re.split("[,/]", text) if slashes else text.split(",")
    found: dict[str, str] = {}
    for item in breaks:
        if item.strip():
            found.setdefault(word_key(item), one_line(item))
    kept = list(found.values())
    if len(kept) > MAX_ITEMS:
        raise CellProblem("too_many_items", limit=MAX_ITEMS)
    if any(len(item) > longest for item in kept):
        raise CellProblem("too_long", limit=longest)
    return kept


def interests(text: str) -> list[str]:
    return items(text, longest=60)


def skills(text: str) -> list[list[Any]]:
    """Return names with importance 1 to 3, written as "Python: 3"; 2 when nothing is said."""
    found: dict[str, list[Any]] = {}
    for item in items(text):
        match = IMPORTANCE.match(item)
        name, importance = (match[1].strip(), int(match[2])) if match else (item, 2)
        found.setdefault(word_key(name), [name, importance])
    return list(found.values())


def whole_number(text: str, least: int, most: int) -> int:
    cleaned = re.sub(r"[.,]0+$", "", text.strip())
    if not re.fullmatch(r"\d{1,4}", cleaned) or not least <= int(cleaned) <= most:
        raise CellProblem("not_a_number", value=_short(text), least=least, most=most)
    return int(cleaned)


def capacity(text: str) -> int:
    return whole_number(text, 0, 20)


def mentored_before(text: str) -> int:
    word = text.strip().lower()
    if word in YES or word in NO:
        return int(word in YES)
    return whole_number(text, 0, 500)


def yes_or_no(text: str) -> bool:
    word = text.strip().lower()
    if word not in YES and word not in NO:
        raise CellProblem("not_yes_or_no", value=_short(text))
    return word in YES


def one_choice(text: str, choices: list[str]) -> str:
    wanted = word_key(text)
    for choice in choices:
        if word_key(choice) == wanted:
            return choice
    raise CellProblem("not_a_choice", value=_short(text), choices=", ".join(choices))


def several_choices(text: str, choices: list[str]) -> list[str]:
    """Return the chosen answers in the form's order; a choice may itself hold commas."""
    parts = ITEM_BREAK.sub(",", text).split(",")
    rest = ",".join(["", *(word_key(part) for part in parts), ""])
    found = []
    for choice in sorted(choices, key=len, reverse=True):
        wanted = ",".join(word_key(part) for part in choice.split(","))
        if f",{wanted}," in rest:
            rest = rest.replace(f",{wanted},", ",")
            found.append(choice)
    left = [part for part in rest.split(",") if part]
    if left:
        raise CellProblem("not_a_choice", value=_short(left[0]), choices=", ".join(choices))
    return [choice for choice in choices if choice in found]


def day_order(text: str) -> bool | None:
    """Return True when the text shows that the day comes first, False for the month, else None."""
    match = DATE_PARTS.fullmatch(text.strip())
    if not match or len(match[1]) == 4:
        return None
    first, second = int(match[1]), int(match[2])
    if "." in text or (first > 12 >= second):
        return True
    return False if second > 12 >= first else None


def day_of(text: str, *, day_first: bool | None) -> date:
    """Return the day a text names: ISO, or day and month in the order the column shows."""
    match = DATE_PARTS.fullmatch(text.strip())
    if not match:
        raise CellProblem("not_a_date", value=_short(text))
    numbers = [int(match[1]), int(match[2]), int(match[3])]
    if len(match[1]) == 4:
        year, month, day = numbers
    else:
        shown = day_order(text)
        day_first = shown if shown is not None else day_first
        if day_first is None and numbers[0] != numbers[1]:
            raise CellProblem("date_ambiguous", value=_short(text))
        month, day = (numbers[1], numbers[0]) if day_first else (numbers[0], numbers[1])
        year = numbers[2]
    try:
        found = date(year, month, day)
    except ValueError:
        raise CellProblem("not_a_date", value=_short(text)) from None
    if not 1900 <= found.year <= 2200:
        raise CellProblem("not_a_date", value=_short(text))
    return found


def split_full_name(values: dict[str, Any]) -> None:
    """Fill first and last name from the full name, unless the file has them."""
    full = values.pop("full_name", "")
    if not full or "first_name" in values or "last_name" in values:
        return
    if "," in full:
        last, first = (one_line(part) for part in full.split(",", 1))
    else:
        first, _, last = full.rpartition(" ")
        first, last = (first, last) if first else (last, "")
    for target, name in (("first_name", first), ("last_name", last)):
        if name:
            values[target] = name[: LENGTHS[target]]


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= 60 else f"{text[:59]}…"


def multi_line(text: str) -> str:
    return text


PARSERS: dict[str, Callable[[str], Any]] = {
    "email": email,
    "manager_email": email,
    "time_zone": time_zone,
    "language": page_language,
    "languages": spoken_languages,
    "interests": interests,
    "skills_offered": skills,
    "skills_wanted": skills,
    "capacity": capacity,
    "mentored_before": mentored_before,
    "external": yes_or_no,
    "bio": multi_line,
    "goal_text": multi_line,
    "offer_text": multi_line,
}
