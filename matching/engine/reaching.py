"""Who could move where, when no pair may be lost: searches over open pairs, 8 of them a byte.

Nodes are the mentors, "nobody" (where mentees without a mentor are) and "no one" (where seats
without a mentee lead), as in ``residual``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.engine.flow import Bools, Whole

NOT_REACHED = -1


class OpenCells:
    """Which pairs are open, a bit each."""

    def __init__(self, is_open: Bools) -> None:
        self._columns = is_open.shape[1]
        self._bits: NDArray[np.uint8] = np.packbits(is_open, axis=1)

    def of_any(self, rows: Whole) -> Bools:
        """Return the columns that are open to any of these rows."""
        joined = np.bitwise_or.reduce(self._bits[rows], axis=0)
        return np.unpackbits(joined, count=self._columns).astype(bool)

    def at(self, row: Whole, col: Whole | int) -> Bools:
        return (self._bits[row, np.right_shift(col, 3)] & _bit(col)) > 0

    def open(self, row: Whole, col: Whole) -> None:
        np.bitwise_or.at(self._bits, (row, col >> 3), _bit(col))

    def shut(self, row: Whole, col: Whole) -> None:
        np.bitwise_and.at(self._bits, (row, col >> 3), ~_bit(col))

    def shut_block(self, rows: Whole | slice, columns: Bools) -> None:
        self._bits[rows] &= ~np.packbits(columns)

    def matrix(self) -> Bools:
        return np.unpackbits(self._bits, axis=1, count=self._columns).astype(bool)


def _bit(col: Whole | int) -> NDArray[np.uint8]:
    return np.right_shift(128, np.bitwise_and(col, 7)).astype(np.uint8)


class Seating:
    """Who sits where, and what has to stay.

    ``place`` holds the mentor of each mentee, or the node "nobody". ``must_have`` mentees keep some
    mentor, ``must_fill`` mentors are full for good.
    """

    def __init__(self, cells: OpenCells, mentor_of: Whole, seats: Whole) -> None:
        self.cells, self.seats, self.mentors = cells, seats, len(seats)
        self.nobody, self.no_one = self.mentors, self.mentors + 1
        self.place = np.where(mentor_of >= 0, mentor_of, self.nobody)
        self.must_have = np.zeros(len(mentor_of), dtype=bool)
        self.must_fill = np.zeros(self.mentors, dtype=bool)

    @property
    def is_placed(self) -> Bools:
        return self.place != self.nobody

    @property
    def load(self) -> Whole:
        return np.bincount(self.place, minlength=self.mentors + 1)[: self.mentors]

    @property
    def can_empty(self) -> Bools:
        """Mentors who may lose a mentee without another coming."""
        return (self.load > 0) & ~self.must_fill

    @property
    def can_leave(self) -> Bools:
        """Mentees who may end without a mentor, another coming in their stead."""
        return self.is_placed & ~self.must_have

    def search(self, rows: Whole, goal: int = NOT_REACHED) -> Reach:
        """Return what these mentees reach if they leave, layer by layer; stops at ``goal``."""
        found = Reach(self, rows)
        has_room, can_empty = self.load < self.seats, self.can_empty
        while len(rows) and not (goal >= 0 and found.reached[goal]):
            fresh = np.zeros(self.mentors + 2, dtype=bool)
            fresh[:-2] = self.cells.of_any(rows)
            leavers = rows[self.can_leave[rows]]
            fresh[self.nobody] = len(leavers) > 0
            doors = np.flatnonzero(fresh[:-2] & has_room)
            if len(doors) and not found.reached[self.no_one]:
                found.door, fresh[self.no_one] = int(doors[0]), True
                found.emptied = can_empty & ~fresh[:-2] & ~found.reached[:-2]
                fresh[:-2] |= found.emptied
            fresh &= ~found.reached
            if fresh[self.nobody]:
                found.leaver = int(leavers[0])
            found.add(rows, fresh)
            rows = np.flatnonzero(fresh[self.place])
        return found

    def follow(self, moves: list[tuple[int, int]]) -> None:
        for row, node in moves:
            self.place[row] = node


class Reach:
    """The nodes that a search has reached, and by which of its layers each."""

    def __init__(self, seating: Seating, rows: Whole) -> None:
        self._seating = seating
        self._layers: list[Whole] = []
        self._layer_of = np.full(seating.mentors + 2, NOT_REACHED)
        self.emptied = np.zeros(seating.mentors, dtype=bool)
        self.door = self.leaver = NOT_REACHED

    @property
    def reached(self) -> Bools:
        return self._layer_of != NOT_REACHED

    def add(self, rows: Whole, fresh: Bools) -> None:
        self._layer_of[fresh] = len(self._layers)
        self._layers.append(rows)

    def path(self, start: int, goal: int) -> list[tuple[int, int]]:
        """Return mentees and their new nodes, from the one who comes to ``goal`` to ``start``."""
        seating, moves, node = self._seating, [], goal
        while True:
            if node < seating.mentors and self.emptied[node]:
                node = self.door
            row = self._comes_to(node)
            moves.append((row, node))
            if row == start:
                return moves
            node = int(seating.place[row])

    def _comes_to(self, node: int) -> int:
        if node == self._seating.nobody:
            return self.leaver
        rows = self._layers[self._layer_of[node]]
        return int(rows[self._seating.cells.at(rows, node).argmax()])
