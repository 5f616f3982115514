"""Seat mentees at hosts who open with at least so many or not at all: a mixed-integer program.

With x_ij for mentee i at host j and y_j for "j opens": least * y_j <= sum_i x_ij <= most * y_j,
sum_j x_ij <= 1, x_ij <= y_j, and sum of y_j <= 1 over hosts of which one opens at most. For people
of whom at most one sits in a circle the sum of their x at j <= y_j, which is tighter than pair by
pair. Solved by branch and bound (HiGHS in SciPy; Huangfu and Hall 2018), which on made-up pools
with one mentor each needs a node or two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import cached_property, partial
from threading import Thread
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, eye_array, hstack, vstack

Matrix = NDArray[np.int64]
Floats = NDArray[np.float64]
Seated = dict[int, int]
"""Host of each mentee who has a seat."""
Beat = Callable[[], None]
Found = TypeVar("Found")

MOST_HOSTS = 10**9
MOST_NODES = 2_000
MOST_SECONDS = 120
QUICK_CELLS = 3_000
"""Seats up to which a solve takes a second or two, and needs no thread."""
SECONDS_A_BEAT = 1.0
NOISE = 1e-5
"""By how much of a point, or of a person, HiGHS's bound may be off at most."""


@dataclass(frozen=True)
class Table:
    """What is to be seated: ``worth`` of mentees (rows) at hosts, below 0 where they may not sit.

    ``groups`` are rows of whom at most one sits at a host; ``clashes`` hosts of which one opens at
    most, as teams with a mentor in common. More than ``openings`` hosts cannot open.
    """

    worth: Matrix
    least: int
    most: int
    groups: Sequence[tuple[int, ...]] = ()
    clashes: Sequence[tuple[int, ...]] = ()
    openings: int = MOST_HOSTS

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        """The cells that can be used: at hosts whom at least ``least`` mentees may join."""
        may = self.worth >= 0
        return may & (may.sum(axis=0) >= self.least)

    @property
    def cells(self) -> int:
        return int(self.open.sum())


@dataclass(frozen=True)
class Seating:
    """Who sits where; ``most_people`` and ``bound`` hold for all seatings, see CirclesSolution."""

    seated: Seated
    is_exact: bool
    most_people: int
    bound: int


@dataclass(frozen=True)
class _Answer:
    chosen: NDArray[np.bool_]
    limit: float
    is_proved: bool


class _Program:
    """The program of one table; each goal is one solve with the same rows."""

    def __init__(self, table: Table, beat: Beat) -> None:
        self.table = table
        self.beat = beat
        self.mentees, self.hosts = np.nonzero(table.open)
        self.rows, self.limits = self._rows()

    @property
    def size(self) -> int:
        return len(self.mentees)

    def _sums(self, groups: NDArray[np.int64], count: int, cells: NDArray[np.int64]) -> csr_array:
        """Return rows that each add up the x of one group."""
        ones = np.ones(len(cells))
        return coo_array((ones, (groups, cells)), shape=(count, self.size)).tocsr()

    def _rows(self) -> tuple[csr_array, Floats]:
        mentees, hosts = self.table.worth.shape
        cells = np.arange(self.size)
        opens = eye_array(hosts)
        at_host = self._sums(self.hosts, hosts, cells)
        of_mentee = self._sums(self.mentees, mentees, cells)
        together, at = self._together()
        parts = [
            hstack([-at_host, self.table.least * opens]),
            hstack([at_host, -self.table.most * opens]),
            hstack([together, -self._sums_of_opens(at)]),
            hstack([eye_array(self.size), -self._sums_of_opens(self.hosts)]),
            hstack([of_mentee, csr_array((mentees, hosts))]),
            self._clashes(),
            hstack([csr_array((1, self.size)), np.ones((1, hosts))]),
        ]
        limits = np.zeros(sum(part.shape[0] for part in parts))
        last = mentees + len(self.table.clashes)
        limits[-1 - last : -1] = 1
        limits[-1] = min(hosts, self.table.openings)
        return vstack(parts).tocsr(), limits

    def _clashes(self) -> csr_array:
        """Return a row for each set of hosts of which at most one opens."""
        clashes = self.table.clashes
        rows = np.repeat(np.arange(len(clashes)), [len(hosts) for hosts in clashes])
        hosts = np.array([host for hosts in clashes for host in hosts], dtype=np.int64)
        shape = (len(clashes), self.size + self.table.worth.shape[1])
        return coo_array((np.ones(len(hosts)), (rows, self.size + hosts)), shape=shape).tocsr()

    def _sums_of_opens(self, hosts: NDArray[np.int64]) -> csr_array:
        shape = (len(hosts), self.table.worth.shape[1])
        return coo_array((np.ones(len(hosts)), (np.arange(len(hosts)), hosts)), shape=shape).tocsr()

    def _together(self) -> tuple[csr_array, NDArray[np.int64]]:
        """Return a row for each group at each host that several of it may join, and the host."""
        place = np.full(self.table.worth.shape, -1, dtype=np.int64)
        place[self.mentees, self.hosts] = np.arange(self.size)
        rows: list[int] = []
        cells: list[int] = []
        at: list[int] = []
        for group in self.table.groups:
            members = place[list(group)]
            for host in np.flatnonzero((members >= 0).sum(axis=0) > 1).tolist():
                own = [cell for cell in members[:, host].tolist() if cell >= 0]
                rows += [len(at)] * len(own)
                cells += own
                at.append(host)
        sums = self._sums(np.array(rows, dtype=np.int64), len(at), np.array(cells, dtype=np.int64))
        return sums, np.array(at, dtype=np.int64)

    def best(self, value: Floats, at_least: int) -> _Answer | None:
        """Return the seats of most value among those of at least so many people."""
        hosts = self.table.worth.shape[1]
        none = np.zeros(hosts)
        rows, limits = self.rows, self.limits
        if at_least:
            everybody = csr_array(np.concatenate([-np.ones(self.size), none])[None, :])
            rows, limits = vstack([rows, everybody]), np.append(limits, -at_least)
        solve = partial(
            milp,
            np.concatenate([-value, none]),
            integrality=np.ones(self.size + hosts),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(rows, -np.inf, limits),
            options={"mip_rel_gap": 0, "node_limit": MOST_NODES, "time_limit": MOST_SECONDS},
        )
        found = solve() if self.size <= QUICK_CELLS else beside(solve, self.beat)
        if found.x is None:
            return None
        bound = found.mip_dual_bound
        limit = math.inf if bound is None else -bound
        return _Answer(found.x[: self.size] > 0.5, limit, found.status == 0)

    def seated(self, answer: _Answer) -> Seated:
        chosen = np.flatnonzero(answer.chosen)
        return dict(zip(self.mentees[chosen].tolist(), self.hosts[chosen].tolist(), strict=True))


def beside(work: Callable[[], Found], beat: Beat) -> Found:
    """Do some work in a thread and call ``beat`` every second meanwhile.

    HiGHS cannot be stopped from outside: where ``beat`` raises, as when a run is cancelled, what
    runs comes to its own end unheard.
    """
    future: Future[Found] = Future()

    def do() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=do, daemon=True).start()
    while not wait([future], timeout=SECONDS_A_BEAT).done:
        beat()
    return future.result()


def no_beat() -> None:
    """Do nothing."""


def seat(table: Table, *, most_first: bool, beat: Beat = no_beat) -> Seating:
    """Return the seats of most people and then of most worth, or (else) of most worth alone.

    Each goal is a solve of its own, the first only where not everybody can have a seat: no bonus
    for people drowns the digits of the scores. Worths are whole, so a bound of less than one point
    above what was found proves that nothing is better.
    HiGHS works in floating point; its bound is rounded outwards by ``NOISE``, which is more than
    its tolerances sum up to. Stops by a number of nodes, so the same on every machine; a limit of
    time is there for what nobody has seen yet. ``beat`` is called every second of a longer solve.
    """
    program = _Program(table, beat)
    if not program.size:
        return Seating({}, is_exact=True, most_people=0, bound=0)
    most_people = _room(table)
    worth = table.worth[program.mentees, program.hosts].astype(np.float64)
    best = program.best(worth, most_people if most_first else 0)
    widest, is_most = None, True
    if best is None and most_first:  # not everybody who could have a seat, or too hard to tell
        widest, most_people = _widest(program, most_people)
        at_least = len(program.seated(widest)) if widest else 0
        is_most = at_least == most_people
        best = program.best(worth, at_least) or widest
    seated = program.seated(best) if best else {}
    earned = sum(int(table.worth[place]) for place in seated.items())
    bound = int(table.worth.max(axis=1, initial=0).clip(min=0).sum())
    if best and best is not widest and math.isfinite(best.limit):
        bound = min(bound, math.floor(best.limit + NOISE * max(1, len(seated))))
    return Seating(seated, is_most and bound <= earned, most_people, max(bound, earned))


def _widest(program: _Program, most_people: int) -> tuple[_Answer | None, int]:
    """Return the seats of most people, and a number of people that no seats pass."""
    widest = program.best(np.ones(program.size), 0)
    if widest and math.isfinite(widest.limit):
        most_people = min(most_people, math.floor(widest.limit + NOISE))
    return widest, most_people


def _room(table: Table) -> int:
    """Return a number of people that no seats pass, and that some number of circles can hold."""
    able, hosts = int(table.open.any(axis=1).sum()), int(table.open.any(axis=0).sum())
    people = min(able, min(hosts, table.openings) * table.most)
    while -(-people // table.most) * table.least > people:
        people -= 1
    return people
