"""The answers whose worst score is highest, then the second worst, and so on, with their proof.

A lexicographic bottleneck assignment (Burkard and Rendl 1991). Scores are taken from the lowest
up. At each score that a pair has, as few pairs as can be keep it; then all that no best answer can
still use is shut for good: pairs, places left empty, people left out. What is open at the end is
exactly the set of all best answers.

The prices of each step are lengths of shortest paths in the residual graph of the mentors (Ahuja,
Magnanti and Orlin 1993). Read as the digits of one long number, they are the prices of a single
assignment in which a pair at a lower score costs more than all pairs above it together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.assignment import NOBODY, best_assignment
from matching.engine.errors import NotProved
from matching.engine.flow import Bools, Steps, Whole
from matching.engine.reaching import OpenCells, Seating

Cells = tuple[Whole, Whole]

DIGIT_BITS = 16
MOST_PAIRS = 2**DIGIT_BITS - 2
START_BITS = 20
START_BEND = 12.0


@dataclass(frozen=True)
class Ladder:
    """What pairs earn by their score: ``bonus``, less a cost that tells the ``levels`` apart.

    ``levels`` are the scores that pairs have, rising. Of n levels the one at place r costs
    ``2 ** (16 * (2 * (n - 1 - r)))``, a score between two levels 2**16 times the upper one, and a
    score above all levels nothing.
    """

    levels: tuple[int, ...]
    bonus: int

    def worth(self, score: int) -> int:
        place = bisect_left(self.levels, score)
        if place == len(self.levels):
            return self.bonus
        between = self.levels[place] != score
        return self.bonus - (1 << DIGIT_BITS * (2 * (len(self.levels) - 1 - place) + between))


@dataclass(frozen=True)
class Leximin:
    """One best answer; all pairs and places that best answers use; the prices that prove it."""

    mentor_of: Whole
    is_open: Bools
    must_have: Bools
    must_fill: Bools
    ladder: Ladder
    mentee_prices: Sequence[int]
    mentor_prices: Sequence[int]


def leximin(fit: Whole, seats: Whole) -> Leximin:
    """Return the best answers for scores (mentees, mentors), below 0 where a pair may not be.

    Most pairs come first. One search over the open pairs, 8 of them a byte, for each pair placed,
    and one assignment for each score that several pairs share: O(min(M, S) * M * N / 8), and at
    worst O(min(M, S)^4) where scores tie throughout. Prices take 4 bytes a person and level.
    Raises NotProved, which would be a defect of ours.
    """
    return _Search(fit, seats).run()


class _Search:
    """One search: who sits where, what is open, and the prices of each step."""

    def __init__(self, fit: Whole, seats: Whole) -> None:
        self.fit = fit
        self.cells = OpenCells(fit >= 0)
        self.seating = Seating(self.cells, _first_guess(fit, seats), seats)
        self.digits: list[tuple[Whole, Whole]] = []
        self.levels: list[int] = []

    def run(self) -> Leximin:
        none = np.zeros(0, np.int64)
        self._settle(self._coverage(), np.zeros(len(self.fit), dtype=bool), (none, none))
        for level, cells in self._levels():
            if self._lower(level, cells):
                at_level = self._scores() == level
                self._settle(self._distances(at_level, cells), at_level, cells)
                self.levels.append(level)
        return self._found()

    def _scores(self) -> Whole:
        """Return the score of each mentee's pair, below 0 for nobody."""
        seating, found = self.seating, np.full(len(self.fit), -1)
        placed = np.flatnonzero(seating.is_placed)
        found[placed] = self.fit[placed, seating.place[placed]]
        return found

    def _coverage(self) -> Whole:
        """Return -1 for the nodes that mentees without a mentor reach, else 0 (König 1931)."""
        seating = self.seating
        found = seating.search(np.flatnonzero(~seating.is_placed))
        if found.reached[seating.no_one]:
            raise NotProved("More mentees could have a mentor.")
        distance = -found.reached.astype(np.int64)
        distance[seating.nobody] = -1
        return distance

    def _levels(self) -> Iterator[tuple[int, Cells]]:
        """Yield each score that a pair has, from the lowest, with the open pairs at that score.

        These are shut on the way, and so are pairs below that nobody uses.
        """
        row, col = np.nonzero(self.fit >= 0)
        score = self.fit[row, col]
        order = np.argsort(score, kind="stable")
        row, col, score = row[order], col[order], score[order]
        done, level = 0, -1
        while len(above := (scores := self._scores())[scores > level]):
            level = int(above.min())
            start, stop = np.searchsorted(score, [level, level + 1])
            self.cells.shut(row[done:start], col[done:start])
            was_open = self.cells.at(row[start:stop], col[start:stop])
            here = row[start:stop][was_open], col[start:stop][was_open]
            self.cells.shut(*here)
            done = int(stop)
            yield level, here

    def _lower(self, level: int, cells: Cells) -> int:
        """Move as many mentees as can be from pairs at this score to others; return who is left."""
        seating = self.seating
        for row in np.flatnonzero(self._scores() == level):
            goal = int(seating.place[row])
            if self.fit[row, goal] == level:
                found = seating.search(np.array([row]), goal)
                if found.reached[goal]:
                    seating.follow(found.path(int(row), goal))
        left = int((self._scores() == level).sum())
        if 1 < left < len(cells[0]):
            self._assign_anew(cells)
            left = int((self._scores() == level).sum())
        return left

    def _assign_anew(self, cells: Cells) -> None:
        """Find the answer with fewest pairs at this score; places that must be used count most."""
        seating = self.seating
        is_open = self.cells.matrix()
        is_open[cells] = True
        placed = int(seating.is_placed.sum())
        counts = 1 + seating.must_have[:, None].astype(np.int64) + seating.must_fill
        profit = np.where(is_open, counts * (placed + 1), 0)
        profit[cells] -= 1
        mentor_of = best_assignment(profit, Steps.of((seating.seats, 0)))
        seating.place = np.where(mentor_of == NOBODY, seating.nobody, mentor_of)
        if seating.is_placed.sum() != placed:
            raise NotProved("A pair was lost on the way.")

    def _distances(self, at_level: Bools, cells: Cells) -> Whole:
        """Return the shortest way to each node, where a pair at this score costs 1 to take."""
        seating, mentors = self.seating, self.seating.mentors
        distance = np.zeros(mentors + 2, np.int64)
        moved = at_level
        has_room, can_empty = seating.load < seating.seats, seating.can_empty
        can_leave = seating.can_leave
        for _ in range(mentors + len(self.fit) + 2):
            of_row = distance[seating.place] - at_level
            best = distance.copy()
            for length in np.unique(of_row[moved]):
                joined = self.cells.of_any(np.flatnonzero(moved & (of_row == length)))
                best[:-2][joined] = np.minimum(best[:-2][joined], length)
            np.minimum.at(best, cells[1], of_row[cells[0]] + 1)
            best[-2] = of_row[can_leave].min(initial=best[-2])
            best[-1] = best[:-2][has_room].min(initial=best[-1])
            best[:-2][can_empty] = np.minimum(best[:-2][can_empty], best[-1])
            if (best == distance).all():
                return distance
            moved = (best < distance)[seating.place]
            distance = best
        raise NotProved("The prices of a step do not settle.")

    def _settle(self, distance: Whole, at_level: Bools, cells: Cells) -> None:
        """Shut what no best answer uses: all that costs more than the distances at its ends."""
        seating = self.seating
        of_row = distance[seating.place] - at_level
        to_mentor, to_nobody, to_no_one = distance[:-2], distance[-2], distance[-1]
        for length in np.unique(of_row):
            farther = to_mentor < length
            if farther.any():
                self.cells.shut_block(np.flatnonzero(of_row == length), farther)
        even = 1 + of_row[cells[0]] == to_mentor[cells[1]]
        self.cells.open(cells[0][even], cells[1][even])
        seating.must_have |= of_row > to_nobody
        self.cells.shut_block(slice(None), (to_mentor > to_no_one) & ~seating.must_fill)
        seating.must_fill |= to_mentor < to_no_one
        self.digits.append((-distance, -of_row))

    def _found(self) -> Leximin:
        seating, top = self.seating, 2 * len(self.levels)
        nodes, mentees = (_numbers(side, top) for side in zip(*self.digits, strict=True))
        nobody, no_one = nodes[-2:]
        bonus = nobody - no_one if not seating.is_placed.all() else 1 << DIGIT_BITS * top
        return Leximin(
            mentor_of=np.where(seating.is_placed, seating.place, NOBODY),
            is_open=self.cells.matrix(),
            must_have=seating.must_have,
            must_fill=seating.must_fill,
            ladder=Ladder(tuple(self.levels), bonus),
            mentee_prices=[bonus + no_one - own for own in mentees],
            mentor_prices=[max(own - no_one, 0) for own in nodes[:-2]],
        )


def _first_guess(fit: Whole, seats: Whole) -> Whole:
    """Return an answer with most pairs whose low scores are few already."""
    low, high = int(fit[fit >= 0].min(initial=0)), int(fit.max(initial=0))
    bent = 1 - np.exp(-START_BEND * (fit - low) / max(high - low, 1))
    value = np.rint(bent * 2**START_BITS).astype(np.int64)
    bonus = 2**START_BITS * (min(len(fit), int(seats.sum())) + 1)
    return best_assignment(np.where(fit >= 0, bonus + value, 0), Steps.of((seats, 0)))


def _numbers(digits: Sequence[Whole], top: int) -> list[int]:
    """Read digits, the first step's first, as numbers; two places a level, the lower left empty."""
    places = np.zeros((len(digits[0]), top + 1), dtype="<u2")
    for step, column in enumerate(digits):
        places[:, top - 2 * step] = column
    return [int.from_bytes(row.tobytes(), "little") for row in places]
