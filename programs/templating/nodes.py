"""A value of a template file that knows where it stands, so that an error can say it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("en", "de")
UNFINISHED = ("todo", "tbd", "lorem ipsum", "xxx", "placeholder", "platzhalter")


class TemplateError(ValueError):
    """A file is not as it must be; the message names file and field."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words in every language of the product."""

    en: str
    de: str

    def in_language(self, language: str) -> str:
        return self.de if language.startswith("de") else self.en


@dataclass(frozen=True)
class Node:
    """One value of a file with its place, for example ``phases[2].agenda[0]``."""

    value: Any
    file: str
    path: str = ""

    def wrong(self, message: str) -> TemplateError:
        return TemplateError(f"{self.file}: {self.path or 'the file'}: {message}")

    def mapping(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Node]:
        """Return the fields by name.

        Raises:
            TemplateError: not a mapping, a field is missing, or one is not known.
        """
        if not isinstance(self.value, dict):
            raise self.wrong("must have fields")
        for name in required:
            if name not in self.value:
                raise self.wrong(f"“{name}” is missing")
        unknown = sorted(set(map(str, self.value)) - set(required) - set(optional))
        if unknown:
            known = ", ".join([*required, *optional])
            raise self.wrong(f"“{unknown[0]}” is not known here; known are {known}")
        return {name: self._field(name) for name in self.value}

    def _field(self, name: str) -> Node:
        return Node(self.value[name], self.file, f"{self.path}.{name}" if self.path else name)

    def items(self, *, least: int = 1) -> Iterator[Node]:
        """Yield the values of a list.

        Raises:
            TemplateError: not a list, or a shorter one.
        """
        if not isinstance(self.value, list):
            raise self.wrong("must be a list")
        if len(self.value) < least:
            raise self.wrong(f"needs at least {least}")
        for at, value in enumerate(self.value):
            yield Node(value, self.file, f"{self.path}[{at}]")

    def text(self, *, longest: int = 4000) -> Text:
        """Return words in both languages; neither may be empty, unfinished or too long."""
        fields = self.mapping(LANGUAGES)
        said = {}
        for language in LANGUAGES:
            words = fields[language].word(longest=longest)
            if any(mark in words.lower().split() for mark in UNFINISHED):
                raise fields[language].wrong("is not finished")
            said[language] = words
        return Text(**said)

    def texts(self, *, least: int = 1, longest: int = 300) -> tuple[Text, ...]:
        return tuple(item.text(longest=longest) for item in self.items(least=least))

    def word(self, *, longest: int = 200) -> str:
        """Return one string without spaces around it."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong("must be words, and not empty")
        words = self.value.strip()
        if len(words) > longest:
            raise self.wrong(f"has {len(words)} characters; {longest} fit")
        return words

    def one_of(self, values: Collection[str]) -> str:
        if self.value not in values:
            raise self.wrong(f"“{self.value}” is not one of {', '.join(values)}")
        return str(self.value)

    def number(self, low: int, high: int) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.wrong("must be a whole number")
        if not low <= self.value <= high:
            raise self.wrong(f"must be from {low} to {high}, and is {self.value}")
        return self.value

    def optional_number(self, low: int, high: int) -> int | None:
        return None if self.value is None else self.number(low, high)

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("must be true or false")
        return self.value
