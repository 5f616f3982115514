"""Columns of people turned into arrays that criteria and rules work on.

``rows`` and ``cols`` are index arrays that broadcast: shapes (b, 1) and (1, n) ask for a block of
pairs, two arrays of one length ask for that many single pairs. The answers are the same either way.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matching.engine.model import HOURS_OF_WEEK, Hours, Id, People

Index = NDArray[np.intp]
Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WIDEST_DENSE = 2048
EXACT_IN_FLOAT32 = 2**24


def equal_codes(*columns: Sequence[Hashable]) -> tuple[Codes, ...]:
    """Number the values of several columns alike; unknown (None or "") becomes -1."""
    numbers: dict[Hashable, int] = {None: -1, "": -1}
    return tuple(
        np.array([numbers.setdefault(value, len(numbers)) for value in column], dtype=np.int64)
        for column in columns
    )


def same(left: Codes, right: Codes, rows: Index, cols: Index) -> Bools:
    """Tell which pairs have the same known value."""
    a, b = left[rows], right[cols]
    return (a == b) & (a >= 0)


def known(left: Bools, right: Bools, rows: Index, cols: Index) -> Bools:
    """Tell for which pairs both sides have told."""
    return left[rows] & right[cols]


def number_column(values: Sequence[float | None]) -> tuple[Floats, Bools]:
    """Return the numbers (0 where not told) and which are told."""
    told = np.array([value is not None for value in values], dtype=bool)
    return np.array([value or 0 for value in values], dtype=np.float64), told


def hour_mask(hours: Hours | None) -> int:
    """Return hours as a mask of 168 bits; not told is 0."""
    if hours is None:
        return 0
    if isinstance(hours, int):
        return hours & ((1 << HOURS_OF_WEEK) - 1)
    return sum(1 << hour for hour, free in enumerate(hours) if free)


class Overlap:
    """Exact sums of products between two lists of sparse rows of small whole numbers.

    Narrow rows go through one float32 matrix product in which every partial sum is a whole number
    below 2**24 and so exact in any order; wide ones through a sparse product of integers.
    """

    def __init__(
        self, left: Sequence[Mapping[str, int]], right: Sequence[Mapping[str, int]]
    ) -> None:
        names = sorted({name for row in left for name in row} & {n for row in right for n in row})
        column = {name: position for position, name in enumerate(names)}
        self._left = _sparse(left, column)
        self._right = _sparse(right, column)
        self._is_dense = len(names) <= WIDEST_DENSE and self._bound() < EXACT_IN_FLOAT32
        if self._is_dense:
            self._dense_left = self._left.toarray().astype(np.float32)
            self._dense_right = self._right.toarray().astype(np.float32)

    def _bound(self) -> float:
        """Return a bound on every sum of products (Cauchy and Schwarz)."""
        norms = [
            float(np.sqrt((m.astype(np.float64) ** 2).sum(axis=1)).max(initial=0.0))
            for m in (self._left, self._right)
        ]
        return norms[0] * norms[1]

    def sums(self, rows: Index, cols: Index) -> Floats:
        """Return the sums for the pairs asked for."""
        if rows.ndim == 1:
            products = self._left[rows].multiply(self._right[cols]).sum(axis=1)
            return np.asarray(products, dtype=np.float64)
        rows, cols = rows.ravel(), cols.ravel()
        if self._is_dense:
            block = self._dense_left[rows] @ self._dense_right[cols].T
            return block.astype(np.float64)
        return np.asarray((self._left[rows] @ self._right[cols].T).toarray(), dtype=np.float64)


def _sparse(rows: Sequence[Mapping[str, int]], column: Mapping[str, int]) -> csr_array:
    starts, places, values = [0], [], []
    for row in rows:
        for name, value in row.items():
            if name in column:
                places.append(column[name])
                values.append(value)
        starts.append(len(places))
    entries = np.array(values, dtype=np.int64)
    return csr_array(
        (entries, np.array(places, dtype=np.int64), np.array(starts, dtype=np.int64)),
        shape=(len(rows), len(column)),
    )


def members(sets: Iterable[Collection[str]]) -> list[dict[str, int]]:
    """Turn sets into rows of ones for :class:`Overlap`."""
    return [dict.fromkeys(values, 1) for values in sets]


def hour_rows(column: Iterable[Hours | None]) -> list[dict[str, int]]:
    """Turn hours of the week into rows of ones for :class:`Overlap`."""
    return [_hour_row(hour_mask(hours)) for hours in column]


def _hour_row(mask: int) -> dict[str, int]:
    return {f"{hour:03}": 1 for hour in range(HOURS_OF_WEEK) if mask >> hour & 1}


class PairSet:
    """A set of pairs of rows that answers for many pairs at once."""

    def __init__(self, pairs: Iterable[tuple[int, int]], width: int) -> None:
        self._width = max(width, 1)
        keys = [row * self._width + col for row, col in pairs]
        self._keys = np.unique(np.array(keys, dtype=np.int64))

    def __bool__(self) -> bool:
        return bool(self._keys.size)

    def holds(self, rows: Index, cols: Index) -> Bools:
        """Tell which pairs stand in the set."""
        if not self:
            return np.zeros(np.broadcast_shapes(rows.shape, cols.shape), dtype=bool)
        cells = rows * self._width + cols
        places = np.searchsorted(self._keys, cells)
        return self._keys[np.minimum(places, self._keys.size - 1)] == cells


def unordered_pairs(
    pairs: Iterable[tuple[Id, Id]], mentees: People, mentors: People
) -> list[tuple[int, int]]:
    """Return the rows (mentee, mentor) that pairs of persons stand for, either way round."""
    found = []
    for one, other in pairs:
        for mentee, mentor in ((one, other), (other, one)):
            if mentee in mentees.person_index and mentor in mentors.person_index:
                found.append((mentees.person_index[mentee], mentors.person_index[mentor]))
    return found
