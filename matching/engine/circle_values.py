"""What goes into circles and what comes out: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from matching.engine.errors import InvalidPolicy
from matching.engine.model import Id
from matching.engine.peers import LeftOver
from matching.engine.results import Certificate

MOST_MENTORS = 3
LEAST_MENTEES = 3
MOST_MENTEES = 8


@dataclass(frozen=True)
class CircleShape:
    """How many people a circle has: one to three mentors, three to eight mentees.

    Raises InvalidPolicy for other numbers.
    """

    mentors: int = 1
    least: int = LEAST_MENTEES
    most: int = 6

    def __post_init__(self) -> None:
        if not 1 <= self.mentors <= MOST_MENTORS:
            raise InvalidPolicy("A circle has one to three mentors; asked for are", [self.mentors])
        if not LEAST_MENTEES <= self.least <= self.most <= MOST_MENTEES:
            raise InvalidPolicy(
                "A circle has three to eight mentees, and at least as many at most as at least; "
                "asked for are",
                [self.least, self.most],
            )


@dataclass(frozen=True, slots=True)
class Seat:
    """A mentee in a circle.

    ``score`` is the mean over the circle's mentors, rounded down; the contributions sum to it.
    """

    row: int
    id: Id
    score: int
    contributions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Circle:
    """Mentors (rows and ids) with the mentees in their circle, both in the order of their ids."""

    mentors: tuple[int, ...]
    mentor_ids: tuple[Id, ...]
    seats: tuple[Seat, ...]
    locked: bool = False

    @property
    def worth(self) -> int:
        return sum(seat.score for seat in self.seats)

    @property
    def ids(self) -> tuple[tuple[Id, ...], tuple[Id, ...]]:
        """Return the ids of mentors and mentees."""
        return self.mentor_ids, tuple(seat.id for seat in self.seats)


@dataclass(frozen=True, slots=True)
class CirclesSolution:
    """The circles of one run; every mentee who takes part sits in one or is left over, with why.

    ``idle`` mentors have a seat and no circle. ``most_people`` is a number of mentees that no
    circles can seat more than, and ``bound`` a total that no circles that seat at least as many can
    pass; locked ones count in both. ``is_exact``: there are no better circles, to less than one
    point (a millionth of a perfect score), and the bound is the total. Else ``certificate`` holds
    prices for the mentees in ``priced`` and the mentors in ``priced_mentors`` which prove a bound;
    where its ``solver`` is "branch and bound", that has lowered the bound further. ``beyond`` are
    pairs (places in both) that may earn more than their prices, where a circle has several mentors.
    """

    circles: tuple[Circle, ...]
    left_over: tuple[LeftOver, ...]
    idle: tuple[Id, ...]
    objective: str
    minimum_fit: int
    is_exact: bool
    bound: int
    most_people: int
    certificate: Certificate | None = None
    priced: tuple[int, ...] = ()
    priced_mentors: tuple[int, ...] = ()
    beyond: tuple[tuple[int, int], ...] = ()

    @property
    def total(self) -> int:
        return sum(circle.worth for circle in self.circles)

    @property
    def placed(self) -> int:
        """How many mentees have a seat."""
        return sum(len(circle.seats) for circle in self.circles)

    @property
    def gap(self) -> float:
        """Return by which share of the total better circles could be better at most."""
        return 0.0 if self.is_exact else (self.bound - self.total) / max(self.total, 1)


@dataclass(frozen=True, slots=True)
class BrokenPair:
    """Two members of a circle whom a rule keeps apart."""

    one_id: Id
    other_id: Id
    rule: str


@dataclass(frozen=True, slots=True)
class JudgedCircle:
    """A circle that somebody put together: what each mentee's seat is worth, and what it breaks."""

    seats: tuple[Seat, ...]
    broken: tuple[BrokenPair, ...]
