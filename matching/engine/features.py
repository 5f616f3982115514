"""Whole-number features: the worth of a pair as a sum of products of what each side has.

A criterion or a rule says what it is worth as :class:`Term` (products, cut to a range where it has
one), :class:`Listed` (single pairs) or :class:`Judged` (a function). ``sums`` turns them into
blocks of scores.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matching.engine.columns import Bools, Codes, Index

Whole = NDArray[np.int64]
UNIQUE = (set, frozenset, dict)
Matrix: TypeAlias = Any
"""A sparse matrix in rows (csr_array) or a dense one, of whole numbers."""


@dataclass(frozen=True)
class Features:
    """Columns of whole numbers for both sides; a pair is worth ``left[i] @ right[j]``.

    Both are sparse or both dense. ``bound`` limits the size of every partial sum of a pair.
    """

    left: Matrix
    right: Matrix
    bound: int

    @property
    def is_dense(self) -> bool:
        return isinstance(self.left, np.ndarray)

    def scaled(self, factor: int) -> Features:
        right = self.right * factor if not self.is_dense else _widened(self.right) * factor
        return Features(self.left, right, self.bound * abs(factor))

    def pairs(self, rows: Index, cols: Index) -> Whole:
        """Return the sums of single pairs."""
        if self.is_dense:
            left, right = _widened(self.left[rows]), _widened(self.right[cols])
            return np.einsum("ij,ij->i", left, right)
        products = self.left[rows].multiply(self.right[cols])
        return np.asarray(products.sum(axis=1), dtype=np.int64).ravel()


def _widened(matrix: Matrix) -> Whole:
    return np.asarray(matrix, dtype=np.int64)


@dataclass(frozen=True)
class Term:
    """A sum of features, cut to the range from ``low`` to ``high`` where these are given.

    Sums that are cut must be exact wherever they lie in the range: they are multiples of one power
    of two, or their size stays within the bound, or they only add up and are cut at ``high``.
    """

    features: tuple[Features, ...]
    low: int | None = None
    high: int | None = None

    @property
    def is_linear(self) -> bool:
        return self.low is None and self.high is None

    def scaled(self, factor: int) -> Term:
        ends = [None if end is None else end * factor for end in (self.low, self.high)]
        low, high = ends if factor > 0 else reversed(ends)
        return Term(tuple(part.scaled(factor) for part in self.features), low, high)

    def pairs(self, rows: Index, cols: Index) -> Whole:
        total = np.zeros(len(rows), dtype=np.int64)
        for part in self.features:
            total += part.pairs(rows, cols)
        if self.low is not None:
            np.maximum(total, self.low, out=total)
        if self.high is not None:
            np.minimum(total, self.high, out=total)
        return total


@dataclass(frozen=True)
class Listed:
    """Single pairs with what each is worth; all others are worth nothing."""

    cells: csr_array

    @classmethod
    def of(cls, worth: Mapping[tuple[int, int], int], shape: tuple[int, int]) -> Listed:
        places = np.array(list(worth), dtype=np.int64).reshape(-1, 2)
        return cls(_sparse(places[:, 0], places[:, 1], list(worth.values()), shape))

    def scaled(self, factor: int) -> Listed:
        return Listed(self.cells * factor)

    def pairs(self, rows: Index, cols: Index) -> Whole:
        if not self.cells.nnz or not len(rows):
            return np.zeros(len(rows), dtype=np.int64)
        return np.asarray(self.cells[rows, cols], dtype=np.int64).ravel()


@dataclass(frozen=True)
class Judged:
    """A function of row and column numbers that broadcast; for what no table holds. Slower."""

    function: Callable[[Index, Index], Whole]

    def scaled(self, factor: int) -> Judged:
        return Judged(lambda rows, cols: self.function(rows, cols) * factor)

    def pairs(self, rows: Index, cols: Index) -> Whole:
        return self.function(rows, cols)


Worth = Term | Listed | Judged


@dataclass(frozen=True)
class Cells:
    """Named whole numbers of people: ``names[k]`` of the person in ``rows[k]`` is ``values[k]``."""

    people: int
    rows: Whole
    names: Sequence[Hashable]
    values: Whole

    @classmethod
    def of(cls, sets: Sequence[Iterable[Hashable]], value: int = 1) -> Cells:
        """Give everything in each person's set one value."""
        unique = [own if isinstance(own, UNIQUE) else dict.fromkeys(own) for own in sets]
        names = list(chain.from_iterable(unique))
        rows = np.repeat(np.arange(len(unique)), list(map(len, unique))).astype(np.int64)
        return cls(len(unique), rows, names, np.full(len(names), value, dtype=np.int64))

    @classmethod
    def of_numbers(cls, rows: Sequence[Mapping[str, int]]) -> Cells:
        """Give each person's names the numbers they stand with."""
        cells = cls.of(rows)
        numbers = [value for own in rows for value in own.values()]
        return cls(cells.people, cells.rows, cells.names, np.array(numbers, dtype=np.int64))

    def with_values(self, values: Whole) -> Cells:
        return Cells(self.people, self.rows, self.names, values)


def matched(left: Cells, right: Cells, bound: int) -> Features:
    """Return features with a column for each name that stands on both sides."""
    common = set(left.names) & set(right.names)
    column = {name: place for place, name in enumerate(sorted(common, key=repr))}
    return Features(_named(left, column), _named(right, column), bound)


def _named(cells: Cells, column: Mapping[Hashable, int]) -> csr_array:
    places = np.fromiter(map(column.get, cells.names, repeat(-1)), np.int64, len(cells.names))
    here = places >= 0
    return _sparse(cells.rows[here], places[here], cells.values[here], (cells.people, len(column)))


def alike(left: Codes, right: Codes, worth: int) -> Features:
    """Return features worth something where both codes are known (0 or more) and the same."""
    width = max(left.max(initial=-1), right.max(initial=-1)) + 1
    return Features(_one_hot(left, width, worth), _one_hot(right, width), abs(worth))


def both(left: Bools, right: Bools, worth: int) -> Features:
    """Return features worth something where both are true."""
    return alike(left.astype(np.int64) - 1, right.astype(np.int64) - 1, worth)


def tabled(left: Codes, right: Codes, table: Whole) -> Features:
    """Return features worth ``table[left, right]`` where both codes are known.

    One column for each code of the side with fewer.
    """
    bound = int(np.abs(table).max(initial=0))
    if table.shape[0] < table.shape[1]:
        width = table.shape[0]
        return Features(_one_hot(left, width), _table_rows(right, table.T), bound)
    return Features(_table_rows(left, table), _one_hot(right, table.shape[1]), bound)


def dense(left: NDArray[np.integer], right: NDArray[np.integer], bound: int) -> Features:
    return Features(narrowed(left), right, bound)


def narrowed(matrix: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return whole numbers in the smallest type that holds them."""
    largest = max(int(matrix.max(initial=0)), -int(matrix.min(initial=0)))
    for kind in (np.int8, np.int16, np.int32):
        if largest <= np.iinfo(kind).max:
            return matrix.astype(kind)
    return matrix


def _one_hot(codes: Codes, width: int, worth: int = 1) -> csr_array:
    known = np.flatnonzero(codes >= 0)
    return _sparse(known, codes[known], np.full(len(known), worth), (len(codes), int(width)))


def _table_rows(codes: Codes, table: Whole) -> csr_array:
    known = np.flatnonzero(codes >= 0)
    filled = csr_array(table.astype(np.int32))
    picked = filled[codes[known]]
    lengths = np.zeros(len(codes), dtype=np.int64)
    lengths[known] = np.diff(picked.indptr)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return csr_array((picked.data, picked.indices, starts), shape=(len(codes), table.shape[1]))


def _sparse(
    rows: Whole, places: Whole, values: Sequence[int] | Whole, shape: tuple[int, int]
) -> csr_array:
    entries = np.asarray(values, dtype=np.int32)
    return csr_array((entries, (rows.astype(np.int32), places.astype(np.int32))), shape=shape)
