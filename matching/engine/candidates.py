"""One pass over all pairs: the best few of each row, and an exact bound on what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.engine.blocks import EXACT_IN_FLOAT32, OpenPairs, Values
from matching.engine.flow import Bools, Whole
from matching.engine.scoring import Progress

SAMPLED_ROWS = 500
SAMPLED_COLUMNS = 1_500
NOTHING_LEFT_OUT = -(2**60)
RANK_SPAN = 2**42


@dataclass(frozen=True)
class Candidates:
    """Pairs worth holding: every other pair of a row earns at most ``bound`` above its price."""

    row: Whole
    col: Whole
    value: Whole
    bound: Whole

    def __len__(self) -> int:
        return len(self.row)

    def over(self, floor: int) -> Candidates:
        """Return the pairs worth ``floor`` and more."""
        kept = self.value >= floor
        return Candidates(self.row[kept], self.col[kept], self.value[kept], self.bound)


@dataclass(frozen=True)
class Scan:
    """How to look at all pairs: about ``keep`` pairs a row, best by value less price.

    Pairs whose score passes the ``bar`` of their column are kept too. Ties are thinned by a fixed
    jitter, so that no column is everybody's. Sums are float32, with room for their rounding in the
    bounds where prices need it; ``exact`` takes float64 and needs none.
    """

    pairs: OpenPairs
    price: Whole
    keep: int
    bar: Whole | None = None
    exact: bool = False

    def run(self, rows: Whole, progress: Callable[[int], None]) -> Candidates:
        """Return candidates of the rows (rising); O(rows * N), memory of one block."""
        step = self.pairs.block_rows
        found = []
        for start in range(0, len(rows), step):
            progress(start)
            found.append(self._block(rows[start : start + step]))
        parts = zip(*found, strict=True) if found else [[np.zeros(0, np.int64)]] * 4
        row, col, value, bound = (np.concatenate(list(part)) for part in parts)
        return Candidates(row, col, value, bound)

    @cached_property
    def _lowest(self) -> int:
        return int(self.price.min()) if len(self.price) else 0

    @cached_property
    def _unit(self) -> int:
        """How many units of value one unit of the sums is."""
        return 1 if self.exact else self.pairs.factor

    @cached_property
    def _deduction(self) -> Values:
        """What is taken off the scores of each column, from 0, in units of the sums."""
        above = (self.price - self._lowest) / self._unit
        return above.astype(np.float64 if self.exact else np.float32)

    @cached_property
    def _rounding(self) -> float:
        """The most that rounding may take off a sum."""
        furthest = float(self._deduction.max(initial=0)) + self.pairs.largest
        whole = self._unit == 1 and furthest < EXACT_IN_FLOAT32
        return 0.0 if self.exact or whole else 2.0 * float(np.spacing(np.float32(furthest)))

    def _block(self, rows: Whole) -> tuple[Whole, Whole, Whole, Whole]:
        scores = self.pairs.block(rows)
        if self.exact:
            scores = scores.astype(np.float64) * self.pairs.factor
        worth = scores - self._deduction
        threshold = self._threshold(worth, scores)
        mask = self._above(worth, scores, threshold)
        if self.bar is not None:
            mask |= scores > self.bar.astype(scores.dtype)
        row, col = np.divmod(np.flatnonzero(mask), worth.shape[1])
        found = scores[row, col]
        kept = found >= 0
        value = found[kept].astype(np.int64) * self._unit
        return rows[row[kept]], col[kept], value, self._bounds(threshold)

    def _bounds(self, threshold: Values) -> Whole:
        bound = np.full(len(threshold), NOTHING_LEFT_OUT)
        some = np.isfinite(threshold)
        highest = np.ceil((threshold[some].astype(np.float64) + self._rounding) * self._unit)
        bound[some] = highest.astype(np.int64) - self._lowest
        return bound

    def _threshold(self, worth: Values, scores: Values, *, masked: bool = False) -> Values:
        """Return for each row a sum that about ``keep`` pairs pass, from a sample of columns."""
        stride = max(1, worth.shape[1] // SAMPLED_COLUMNS)
        sample = worth[:, ::stride].copy()
        width = sample.shape[1]
        rank = int(np.ceil(1.3 * self.keep / stride)) + 1
        if rank >= width:
            return np.full(len(worth), -np.inf, dtype=worth.dtype)
        if masked:
            sample[scores[:, ::stride] < 0] = -np.inf
        sample.partition(width - rank, axis=1)
        return sample[:, width - rank].copy()

    def _above(self, worth: Values, scores: Values, threshold: Values) -> Bools:
        """Return which pairs pass the thresholds; puts right the rows where that goes wrong.

        The sum of a shut pair lies below 0 and passes a threshold below 0 only: such rows are
        sampled again without their shut pairs. Where many pairs tie at the threshold, too few pass.
        """
        low = np.flatnonzero(threshold < 0)
        if len(low):
            some = slice(None) if len(low) == len(threshold) else low
            threshold[low] = self._threshold(worth[some], scores[some], masked=True)
        mask = worth > threshold[:, None]
        if len(low):
            mask[some] &= scores[some] >= 0
        tied = np.count_nonzero(mask, axis=1) < self.keep // 2
        tied = np.flatnonzero(tied & np.isfinite(threshold))
        if len(tied):
            shut = scores[tied] < 0
            mask[tied], threshold[tied] = self._best(worth[tied], shut, int(tied[0]))
        return mask

    def _best(self, worth: Values, shut: Bools, seed: int) -> tuple[Bools, Values]:
        """Return exactly the best of each row, ties thinned, and the best value left out."""
        jitter = np.random.default_rng(seed).random(worth.shape) / 2
        ranked = np.where(shut, -np.inf, worth.astype(np.float64)) + jitter
        keep = min(self.keep, worth.shape[1])
        best = np.argpartition(ranked, worth.shape[1] - keep, axis=1)[:, -keep:]
        mask = np.zeros(worth.shape, dtype=bool)
        np.put_along_axis(mask, best, values=True, axis=1)
        mask &= ~shut
        return mask, np.where(mask | shut, -np.inf, worth).max(axis=1)


def column_bars(pairs: OpenPairs, wanted: int) -> Whole:
    """Return for each column a score that about ``wanted`` of its pairs pass, from sampled rows."""
    mentees, mentors = pairs.shape
    rows = np.unique(np.linspace(0, mentees - 1, min(SAMPLED_ROWS, mentees)).astype(np.int64))
    rank = int(np.ceil(1.3 * wanted * len(rows) / mentees)) + 1
    bars = np.full(mentors, -1, dtype=np.int64)
    if rank > len(rows):
        return bars
    sample = np.ascontiguousarray(pairs.block(rows).T)
    sample.partition(len(rows) - rank, axis=1)
    return np.maximum(sample[:, len(rows) - rank], -1).astype(np.int64)


def best_of_each(group: Whole, worth: Whole, keep: int) -> Whole:
    """Return the places of the ``keep`` best of each group."""
    if not len(group):
        return np.zeros(0, np.int64)
    below = np.clip(int(worth.max()) - worth, 0, RANK_SPAN - 1)
    order = np.argsort(group * RANK_SPAN + below)
    ranked = group[order]
    first = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    sizes = np.diff(np.append(first, len(ranked)))
    rank = np.arange(len(ranked)) - np.repeat(first, sizes)
    return order[rank < keep]


def even_pairs(
    pairs: OpenPairs, rows: Whole, price: Whole, worth: Whole
) -> Iterator[tuple[Whole, Whole]]:
    """Yield, block by block, the pairs of these rows whose value equals their prices."""
    for start in range(0, len(rows), pairs.block_rows):
        some = rows[start : start + pairs.block_rows]
        scores = pairs.block(some).astype(np.float64)
        even = (scores * pairs.factor == price + worth[some, None]) & (scores >= 0)
        row, col = np.nonzero(even)
        yield some[row], col


def scan_progress(progress: Progress, total: int) -> Callable[[int], None]:
    """Report rows done as the stage "scores"."""
    return lambda done: progress("scores", done, total)
