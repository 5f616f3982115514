"""The highest floor of a large pool: the highest worst score that the most pairs can have.

A bottleneck assignment: Gross 1959, by largest flows; Goldberg and Tarjan 1988 (push and relabel),
as OR-Tools has it. A flow over the pairs at hand comes with a cover (König 1931): some mentees and
mentors without whom no known pair is left. Only pairs between all the others could make it larger,
mostly few people's: these are looked at among all pairs. Where none of them reaches the floor that
is tried, the best of them bounds every floor, and the search goes on there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from matching.engine.blocks import CELLS_IN_A_BLOCK, OpenPairs
from matching.engine.candidates import NOTHING_LEFT_OUT, Candidates, best_of_each
from matching.engine.flow import Bools, Whole
from matching.engine.scoring import Progress

FIRST_ARCS = 12
FIRST_ARCS_OF_COLUMN = 6
JOINED_ARCS = 8
ROUNDS_EXPECTED = 30


@dataclass(frozen=True)
class Cover:
    """The most pairs that the arcs allow, their worst score, and who stands outside the cover.

    No arc leads from ``rows`` to ``cols``: a pair of these two could make the flow larger.
    """

    size: int
    worst: int
    rows: Whole
    cols: Whole


@dataclass
class Bottleneck:
    """The search for one floor over ``pairs``, of which those in ``pool`` are known.

    ``firsts`` is 1 for the rows whom one pair covers, else 0. Values are scores, without rewards;
    those left out pass the bounds of the pool by ``dearest`` at most.
    """

    pairs: OpenPairs
    pool: Candidates
    firsts: Whole
    seats: Whole
    progress: Progress
    dearest: int = 0
    used: Bools = field(init=False)
    rounds: int = 0

    def __post_init__(self) -> None:
        row, col, value = self.pool.row, self.pool.col, self.pool.value
        self.used = np.zeros(len(row), dtype=bool)
        self.used[best_of_each(row, value, FIRST_ARCS)] = True
        self.used[best_of_each(col, value, FIRST_ARCS_OF_COLUMN)] = True

    def highest(self) -> int:
        """Return the highest floor with which as many rows are covered as without; 0 for none.

        The next floor tried is the bound, or lies half-way to what is reached by the scores known.
        """
        most, low = self._most()
        if not most:
            return 0
        high = self._bound(most)
        floor = high
        while low < high:
            found = self._cover(floor)
            if found.size >= most:
                low = max(low, found.worst)
            else:
                beyond = self._look_beyond(found, floor)
                if beyond >= floor:
                    continue
                high = max(min(high, beyond), low)
            floor = high if self.rounds % 2 else self._half_way(low, high)
        return low

    def _most(self) -> tuple[int, int]:
        """Return how many rows can be covered, proved over all pairs, and the worst score of one
        way to do so."""
        while True:
            found = self._cover(0)
            if self._look_beyond(found, 0) < 0:
                return found.size, found.worst

    def _bound(self, most: int) -> int:
        """Return the best score of the ``most``-th row, which no floor passes."""
        best = np.full(len(self.firsts), -1, dtype=np.int64)
        np.maximum.at(best, self.pool.row, self.pool.value)
        best = np.maximum(best, self._ceiling())[self.firsts > 0]
        return int(np.sort(best)[::-1][most - 1])

    def _half_way(self, low: int, high: int) -> int:
        between = self.pool.value[(self.pool.value > low) & (self.pool.value <= high)]
        return int(np.median(np.unique(between))) if len(between) else low + 1

    def _cover(self, floor: int) -> Cover:
        """Return the largest flow over the arcs from ``floor`` up, and a cover."""
        from ortools.graph.python.max_flow import SimpleMaxFlow

        self.rounds += 1
        self.progress("floor", min(self.rounds, ROUNDS_EXPECTED), ROUNDS_EXPECTED)
        arcs = np.flatnonzero(self.used & (self.pool.value >= floor))
        row, col = self.pool.row[arcs], self.pool.col[arcs]
        rows, cols = len(self.firsts), len(self.seats)
        source, sink = rows + cols, rows + cols + 1
        tails = np.concatenate([row, np.full(rows, source), rows + np.arange(cols)])
        heads = np.concatenate([rows + col, np.arange(rows), np.full(cols, sink)])
        endless = np.full(len(arcs), rows + 1)  # no arc is ever cut: covers are people
        room = np.concatenate([endless, self.firsts, self.seats])
        network = SimpleMaxFlow()
        numbers = network.add_arcs_with_capacity(
            tails.astype(np.int32), heads.astype(np.int32), room.astype(np.int64)
        )
        network.solve(source, sink)
        chosen = network.flows(numbers[: len(arcs)]) > 0
        worst = int(self.pool.value[arcs][chosen].min(initial=2**60))
        cuts = network.get_source_side_min_cut(), network.get_sink_side_min_cut()
        return Cover(network.optimal_flow(), worst, *self._outside(floor, *cuts))

    def _outside(self, floor: int, before: list[int], behind: list[int]) -> tuple[Whole, Whole]:
        """Return rows and columns outside the cover of a cut: the one that leaves fewer pairs."""
        rows, cols = len(self.firsts), len(self.seats)
        near, far = np.zeros((2, rows + cols + 2), dtype=bool)
        near[before], far[behind] = True, True
        is_first, has_seat = self.firsts > 0, self.seats > 0
        choices = [
            (np.flatnonzero(mine & is_first), np.flatnonzero(theirs & has_seat))
            for mine, theirs in (
                (near[:rows], ~near[rows : rows + cols]),
                (~far[:rows], far[rows : rows + cols]),
            )
        ]
        is_open = self._ceiling() >= floor
        return min(choices, key=lambda sides: int(is_open[sides[0]].sum()) * len(sides[1]))

    def _ceiling(self) -> Whole:
        """Return for each row what no pair outside the pool passes; -1 where all are known."""
        bound = self.pool.bound
        return np.where(bound > NOTHING_LEFT_OUT, bound + self.dearest, -1)

    def _look_beyond(self, cover: Cover, floor: int) -> int:
        """Return what no pair outside the cover passes, -1 for none, and join the best ones.

        Known pairs come first: where one of those reaches the floor, the others are not looked at;
        nor are those of a row that cannot reach it.
        """
        rows, cols = (np.zeros(size, dtype=bool) for size in self.pairs.shape)
        rows[cover.rows], cols[cover.cols] = True, True
        best = self._join(np.flatnonzero(rows[self.pool.row] & cols[self.pool.col]))
        if best >= floor or not len(cover.cols):
            return best
        ceiling = self._ceiling()[cover.rows]
        scanned = cover.rows[ceiling >= floor]
        best = max(best, int(ceiling[ceiling < floor].max(initial=-1)))
        return max(best, self._scan(scanned, cover.cols, best))

    def _join(self, outside: Whole) -> int:
        """Let the best of these pairs be arcs; return the score of the best."""
        value = self.pool.value[outside]
        self.used[outside[best_of_each(self.pool.row[outside], value, JOINED_ARCS)]] = True
        return int(value.max(initial=-1))

    def _scan(self, rows: Whole, cols: Whole, known: int) -> int:
        """Look at all pairs of these rows and columns; join the best that are better than known."""
        best, found = -1, []
        for row, col, score in self._blocks(rows, cols):
            best = max(best, int(score.max(initial=-1)))
            better = score > known
            row, col, score = row[better], col[better], score[better]
            places = best_of_each(row, score, JOINED_ARCS)
            found.append((row[places], col[places], score[places]))
        if found:
            self._learn(*(np.concatenate(list(part)) for part in zip(*found, strict=True)))
        return best

    def _blocks(self, rows: Whole, cols: Whole) -> Iterator[tuple[Whole, Whole, Whole]]:
        """Yield row, column and score of open pairs, for each row no more than may be joined."""
        step = max(1, CELLS_IN_A_BLOCK // max(len(cols), 1))
        keep = min(JOINED_ARCS, len(cols))
        for start in range(0, len(rows) if len(cols) else 0, step):
            some = rows[start : start + step]
            scores = self.pairs.part(some, cols)
            near = np.argpartition(scores, len(cols) - keep, axis=1)[:, len(cols) - keep :]
            values = np.take_along_axis(scores, near, axis=1)
            place, rank = np.nonzero(values >= 0)
            yield some[place], cols[near[place, rank]], values[place, rank].astype(np.int64)

    def _learn(self, row: Whole, col: Whole, value: Whole) -> None:
        """Join pairs to the pool and the arcs."""
        width = self.pairs.shape[1]
        near = np.flatnonzero(np.isin(self.pool.row, row))
        cells = self.pool.row[near] * width + self.pool.col[near]
        is_new = ~np.isin(row * width + col, cells)
        self.pool = replace(
            self.pool,
            row=np.concatenate([self.pool.row, row[is_new]]),
            col=np.concatenate([self.pool.col, col[is_new]]),
            value=np.concatenate([self.pool.value, value[is_new]]),
        )
        self.used = np.concatenate([self.used, np.ones(int(is_new.sum()), dtype=bool)])
