"""Scores in blocks of whole rows: what the large solver reads instead of a matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matching.engine.flow import Whole
from matching.engine.model import SCALE
from matching.engine.scoring import Scored

Values = NDArray[np.floating]

CELLS_IN_A_BLOCK = 2_000_000
EXACT_IN_FLOAT32 = 2**24


class ScoreBlocks(Protocol):
    """Whole scores of mentees with all mentors, below 0 where a pair may not be."""

    @property
    def shape(self) -> tuple[int, int]:
        """Mentees and mentors."""

    @property
    def largest(self) -> int:
        """No score passes this."""

    def block(self, rows: Whole, cols: Whole | None = None) -> NDArray:
        """Return the scores of these mentees with some mentors, or with every one."""

    def pairs(self, rows: Whole, cols: Whole) -> Whole:
        """Return the scores of single pairs."""


class PoolBlocks:
    """The scores of a pool under a policy, computed when they are asked for."""

    largest = SCALE

    def __init__(self, scored: Scored) -> None:
        self._scored = scored

    @property
    def shape(self) -> tuple[int, int]:
        return self._scored.shape

    def block(self, rows: Whole, cols: Whole | None = None) -> NDArray:
        width = self.shape[1] if cols is None else len(cols)
        found = np.empty((len(rows), width), dtype=np.float32)
        return self._scored.judged_outer(rows, cols, out=found)

    def pairs(self, rows: Whole, cols: Whole) -> Whole:
        if not len(rows):
            return np.zeros(0, dtype=np.int64)
        return self._scored.judged(rows, cols).astype(np.int64)


class MatrixBlocks:
    """The scores of a matrix that is there already."""

    def __init__(self, scores: NDArray) -> None:
        self._scores = scores
        self.largest = int(scores.max(initial=0))

    @property
    def shape(self) -> tuple[int, int]:
        mentees, mentors = self._scores.shape
        return mentees, mentors

    def block(self, rows: Whole, cols: Whole | None = None) -> NDArray:
        return self._scores[rows] if cols is None else self._scores[np.ix_(rows, cols)]

    def pairs(self, rows: Whole, cols: Whole) -> Whole:
        return self._scores[rows, cols].astype(np.int64)


@dataclass(frozen=True)
class Rewards:
    """What single pairs earn beside their score, sorted by mentee; far below 0 shuts the pair."""

    row: Whole
    col: Whole
    extra: Whole

    @classmethod
    def of(cls, extras: Mapping[tuple[int, int], int]) -> Rewards:
        rows = sorted((row, col, extra) for (row, col), extra in extras.items() if extra)
        return cls(*np.array(rows, dtype=np.int64).reshape(-1, 3).T)

    def shut(self) -> Rewards:
        """Return only what shuts pairs."""
        never = self.extra < 0
        return Rewards(self.row[never], self.col[never], self.extra[never])

    def within(self, rows: Whole) -> tuple[Whole, Whole, Whole]:
        """Return place in ``rows``, column and extra of the pairs of these rows (sorted)."""
        if not len(self.row) or not len(rows):
            return self.row[:0], self.col[:0], self.extra[:0]
        place = np.minimum(np.searchsorted(rows, self.row), len(rows) - 1)
        here = rows[place] == self.row
        return place[here], self.col[here], self.extra[here]


@dataclass(frozen=True)
class OpenPairs:
    """The pairs a run may choose from, rows and columns counted among those who are open.

    ``rows`` and ``cols`` say which mentees and mentors those are; pairs under ``least`` are shut.
    Values are ``score * factor``, with rewards counted as score.
    """

    scores: ScoreBlocks
    rows: Whole
    cols: Whole
    least: int
    rewards: Rewards
    factor: int = 1

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.cols)

    @property
    def largest(self) -> int:
        """No score passes this, rewards counted."""
        return self.scores.largest + int(self.rewards.extra.max(initial=0))

    @property
    def block_rows(self) -> int:
        return max(16, CELLS_IN_A_BLOCK // max(self.scores.shape[1], 1))

    def block(self, places: Whole) -> Values:
        """Return the scores of the mentees at these places (rising) with every open mentor.

        Below 0 where shut; in float32 where that holds them exactly.
        """
        rows = self.rows[places]
        scores = self.scores.block(rows)
        if self.least > 0:
            scores = np.where(scores < self.least, -1, scores)
        place, col, extra = self.rewards.within(rows)
        if len(place):
            scores = scores.copy()
            scores[place, col] += (extra * (scores[place, col] >= 0)).astype(scores.dtype)
        if len(self.cols) < scores.shape[1]:
            scores = scores[:, self.cols]
        return scores.astype(self._kind, copy=False)

    @property
    def _kind(self) -> type[np.floating]:
        return np.float32 if self.largest < EXACT_IN_FLOAT32 else np.float64

    def part(self, places: Whole, some: Whole) -> Values:
        """Return what ``block`` does, of the mentors at some places (rising too)."""
        rows, cols = self.rows[places], self.cols[some]
        scores = np.array(self.scores.block(rows, cols), dtype=self._kind)
        scores[scores < self.least] = -1
        place, col, extra = self.rewards.within(rows)
        at = np.minimum(np.searchsorted(cols, col), max(len(cols) - 1, 0))
        here = cols[at] == col if len(cols) else np.zeros(len(col), dtype=bool)
        place, at, extra = place[here], at[here], extra[here]
        scores[place, at] += (extra * (scores[place, at] >= 0)).astype(scores.dtype)
        return scores
