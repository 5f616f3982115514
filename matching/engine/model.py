"""What goes in: people as columns, the pool, and the policy."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Literal, TypeVar, cast

from numpy.typing import NDArray

from matching.engine.errors import DuplicateId, InvalidCapacity, InvalidPool, NegativeCapacity

Id = int | str
Answer = str | float | frozenset[str]
Hours = int | NDArray | Sequence[bool]
Vector = bytes | NDArray | Sequence[int]
Objective = Literal["coverage", "total", "leximin"]
Floor = bool | int | None
Params = Mapping[str, object]
Kept = TypeVar("Kept")

HOURS_OF_WEEK = 168
LANGUAGE_LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")
SCALE = 1_000_000
"""A perfect score. Scores are whole numbers from 0 to this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One enrolment. ``id`` is unique on its side; ``person`` is the human being behind it.

    ``hours`` is a mask of 168 bits, bit ``24 * weekday + hour`` in UTC with Monday as 0, or 168
    booleans; None when the person has not told. ``capacity`` is the seats left for this run
    (mentor) or 1 (mentee; 0 takes no part). A higher ``level`` is more senior. ``skills_wanted``
    maps a skill to its importance, 1 to 3. Empty text and empty sets count as not told.

    ``languages`` is a set, or a mapping to a level from ``LANGUAGE_LEVELS`` ("" is fluent).
    ``career_goal`` names the profession a mentee wants to reach. ``preferred`` lists persons of the
    other side, dearest first. ``traits`` holds only what the person agreed to have compared.
    ``is_external`` is somebody from outside, ``accepts_external`` a mentee to whom that is fine.
    ``goal_vector`` and ``about_vector`` stand for the meaning of the two texts: whole numbers, one
    length for all, as bytes of int8 or a sequence.
    """

    id: Id
    person: Id | None = None
    manager: Id | None = None
    second_manager: Id | None = None
    department: str | None = None
    location: str | None = None
    organisation: str | None = None
    profession: str | None = None
    industry: str | None = None
    career_goal: str | None = None
    level: int | None = None
    skills_wanted: Mapping[str, int] = field(default_factory=dict)
    skills_offered: Collection[str] = frozenset()
    interests: Collection[str] = frozenset()
    languages: Collection[str] = frozenset()
    goal: str = ""
    about: str = ""
    hours: Hours | None = None
    capacity: int = 1
    experience: float | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    traits: Mapping[str, str] = field(default_factory=dict)
    preferred: Sequence[Id] = ()
    training_done: bool | None = None
    is_external: bool = False
    accepts_external: bool = False
    goal_vector: Vector | None = None
    about_vector: Vector | None = None


@dataclass(frozen=True, kw_only=True)
class People:
    """One side of the pool, as columns of equal length; an empty column means "not told".

    Raises DuplicateId, NegativeCapacity, InvalidCapacity or InvalidPool. Meaning of each column:
    see :class:`Person`. Time and memory grow with the number of rows.
    """

    id: tuple[Id, ...]
    person: tuple[Id, ...] = ()
    manager: tuple[Id | None, ...] = ()
    second_manager: tuple[Id | None, ...] = ()
    department: tuple[str | None, ...] = ()
    location: tuple[str | None, ...] = ()
    organisation: tuple[str | None, ...] = ()
    profession: tuple[str | None, ...] = ()
    industry: tuple[str | None, ...] = ()
    career_goal: tuple[str | None, ...] = ()
    level: tuple[int | None, ...] = ()
    skills_wanted: tuple[Mapping[str, int], ...] = ()
    skills_offered: tuple[Collection[str], ...] = ()
    interests: tuple[Collection[str], ...] = ()
    languages: tuple[Collection[str], ...] = ()
    goal: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    hours: tuple[Hours | None, ...] = ()
    capacity: tuple[int, ...] = ()
    experience: tuple[float | None, ...] = ()
    answers: tuple[Mapping[str, Answer], ...] = ()
    traits: tuple[Mapping[str, str], ...] = ()
    preferred: tuple[Sequence[Id], ...] = ()
    training_done: tuple[bool | None, ...] = ()
    is_external: tuple[bool, ...] = ()
    accepts_external: tuple[bool, ...] = ()
    goal_vector: tuple[Vector | None, ...] = ()
    about_vector: tuple[Vector | None, ...] = ()

    def __post_init__(self) -> None:
        filler = Person(id="")
        for column in fields(self):
            values = tuple(getattr(self, column.name))
            if not values and self.id:
                values = self._default(column.name, filler)
            object.__setattr__(self, column.name, values)
        _refuse_ragged(self)
        _refuse_duplicates("These ids stand twice on one side:", self.id)
        _refuse_duplicates("These people stand twice on one side:", self.person)
        _refuse_capacities(self)
        _refuse_values(self)

    def _default(self, name: str, filler: Person) -> tuple[object, ...]:
        if name == "person":
            return tuple(self.id)
        return (getattr(filler, name),) * len(self.id)

    @classmethod
    def of(cls, rows: Iterable[Person]) -> People:
        """Turn rows into columns."""
        rows = list(rows)
        columns = {
            column.name: tuple(getattr(row, column.name) for row in rows) for column in fields(cls)
        }
        columns["person"] = tuple(row.id if row.person is None else row.person for row in rows)
        return cls(**columns)

    def __len__(self) -> int:
        return len(self.id)

    @cached_property
    def remembered(self) -> dict[str, tuple[People, object]]:
        """What was worked out of these people together with the other side, whatever the policy."""
        return {}

    @cached_property
    def index(self) -> dict[Id, int]:
        """Row of each id."""
        return {identifier: row for row, identifier in enumerate(self.id)}

    @cached_property
    def person_index(self) -> dict[Id, int]:
        """Row of each person."""
        return {person: row for row, person in enumerate(self.person)}


def id_key(identifier: Id) -> tuple[int, int, str]:
    """Return what ids are ordered by: numbers first, then text."""
    if isinstance(identifier, str):
        return (1, 0, identifier)
    return (0, identifier, "")


def _refuse_ragged(people: People) -> None:
    ragged = [
        column.name
        for column in fields(people)
        if len(getattr(people, column.name)) != len(people.id)
    ]
    if ragged:
        raise InvalidPool("These columns do not have one value for each id:", ragged)


def _refuse_duplicates(sentence: str, values: Sequence[Id]) -> None:
    if len(set(values)) != len(values):
        raise DuplicateId(sentence, [value for value, n in Counter(values).items() if n > 1])


def _refuse_capacities(people: People) -> None:
    rows = list(zip(people.id, people.capacity, strict=True))
    if not_whole := [i for i, seats in rows if seats != int(seats)]:
        raise InvalidCapacity("These capacities are not whole numbers:", not_whole)
    if negative := [i for i, seats in rows if seats < 0]:
        raise NegativeCapacity("These capacities are below zero:", negative)


def _refuse_values(people: People) -> None:
    importance = [
        i
        for i, wanted in zip(people.id, people.skills_wanted, strict=True)
        if any(value not in (1, 2, 3) for value in wanted.values())
    ]
    if importance:
        raise InvalidPool("The importance of a skill is 1, 2 or 3; not so for:", importance)
    spoken = zip(people.id, people.languages, strict=True)
    if strange := [i for i, languages in spoken if not _has_known_levels(languages)]:
        raise InvalidPool("The level of a language is A1 to C2 or not told; not so for:", strange)
    numbers = zip(people.id, people.experience, people.answers, strict=True)
    if broken := [i for i, years, answers in numbers if not _is_finite(years, answers)]:
        raise InvalidPool("A number is missing its value (NaN or infinite) for:", broken)


def _has_known_levels(languages: Collection[str]) -> bool:
    if not isinstance(languages, Mapping):
        return True
    return all(not level or level in LANGUAGE_LEVELS for level in languages.values())


def _is_finite(years: float | None, answers: Mapping[str, Answer]) -> bool:
    numbers = [value for value in answers.values() if isinstance(value, int | float)]
    return all(math.isfinite(number) for number in [*numbers, years or 0.0])


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Everybody who may be paired in one run, and what is known about pairs.

    ``earlier_pairs`` and ``must_not_pairs`` hold unordered pairs of person ids; ``overrides`` holds
    (mentee's person, mentor's person, rule key). People who are not in the pool are ignored there.
    """

    mentees: People
    mentors: People
    earlier_pairs: Collection[tuple[Id, Id]] = frozenset()
    must_not_pairs: Collection[tuple[Id, Id]] = frozenset()
    overrides: Collection[tuple[Id, Id, str]] = frozenset()

    def remember(self, name: str, work: Callable[[], Kept]) -> Kept:
        """Return what ``work`` makes of the two sides; done once for as long as they live."""
        other, found = self.mentees.remembered.get(name, (None, None))
        if other is not self.mentors:
            found = work()
            self.mentees.remembered[name] = self.mentors, found
        return cast("Kept", found)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What makes a good pair: a kind from ``CRITERIA``, its weight (any unit), its parameters."""

    kind: str
    weight: float
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """What may never be broken: a kind from ``RULES`` and its parameters."""

    kind: str
    params: Params = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Name of the rule in counts and overrides; rules about answers name their question."""
        question = self.params.get("question")
        return f"{self.kind}:{question}" if question else self.kind


@dataclass(frozen=True, slots=True)
class Policy:
    """How pairs are judged.

    ``minimum_fit`` (0 to 1,000,000): pairs below it are held for a person, not proposed.
    ``keep_reward``: what a pair that stands is worth in a rerun, in points of a score.
    ``balance``: what each further mentee of a mentor costs more than the one before, in points.
    """

    criteria: tuple[Criterion, ...]
    rules: tuple[Rule, ...] = ()
    minimum_fit: int = 0
    objective: Objective = "coverage"
    keep_reward: int = 50_000
    balance: int = 0
