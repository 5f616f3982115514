"""Sums of many terms for blocks of pairs, exact in float32.

All linear terms of a policy become one product of two matrices of whole numbers. As long as every
partial sum stays below 2**24, float32 adds them without rounding, and a block has the same bits on
any machine, for any number of threads and any shape. Two more cases are safe: sums that only grow
and are cut below 2**24 (once at 2**24 they never fall under it again), and multiples of one power
of two.

A column that few people have costs more in a product of dense matrices than its hits do one by one:
such columns stay sparse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from matching.engine.columns import Index
from matching.engine.features import Features, Judged, Listed, Term, Whole, Worth, narrowed

Tile = NDArray[np.float32]
Rows = slice | NDArray[np.intp]

EXACT_IN_FLOAT32 = 2**24
ROWS_IN_A_TILE = 512
COLS_IN_A_TILE = 2048
"""A tile of float32 is 4 MiB: what is done to it stays near the processor."""
RARE = 1 / 2000
"""A column that fewer pairs than this share is cheaper one hit at a time."""
MOST_CELLS_DENSE = 2**26
PAIRS_AT_A_TIME = 4096


class Product:
    """``left @ right.T`` for features put side by side."""

    def __init__(self, parts: Sequence[Features], low: int | None, high: int | None) -> None:
        self.low, self.high = low, high
        self.left, self.right, self.rare = _split(parts)
        self._width = COLS_IN_A_TILE
        self._chunks = self._cut_rare()

    def _cut_rare(self) -> list[csr_array]:
        if self.rare is None:
            return []
        right = self.rare.right.astype(np.float32)
        starts = range(0, right.shape[0], self._width)
        return [right[start : start + self._width].T.tocsr() for start in starts]

    def of_rows(self, rows: Rows) -> tuple[Tile, csr_array | None]:
        """Return what the rows of a tile bring along."""
        rare = None if self.rare is None else self.rare.left[rows].astype(np.float32)
        return np.ascontiguousarray(self.left[rows], dtype=np.float32), rare

    def fill(self, tile: Tile, brought: tuple[Tile, csr_array | None], start: int) -> None:
        """Write the sums of a tile whose first column is ``start``."""
        left, rare = brought
        if left.shape[1]:
            np.matmul(left, self.right[start : start + tile.shape[1]].T, out=tile)
        else:
            tile.fill(0)
        if rare is not None and rare.nnz:
            scatter(tile, rare @ self._chunks[start // self._width])
        self.cut(tile)

    def cut(self, values: NDArray) -> None:
        if self.low is not None or self.high is not None:
            np.clip(values, self.low, self.high, out=values)

    def of_cols(self, cols: Index) -> Product:
        """Return the product for some of the columns."""
        some = object.__new__(Product)
        some.low, some.high, some.left, some._width = self.low, self.high, self.left, self._width
        some.right = self.right[cols]
        some.rare = self.rare and Features(self.rare.left, self.rare.right[cols], 0)
        some._chunks = some._cut_rare()
        return some

    def pairs(self, rows: Index, cols: Index) -> Tile:
        left = self.left[rows].astype(np.float32)
        values = np.einsum("ij,ij->i", left, self.right[cols])
        if self.rare is not None:
            hits = self.rare.left[rows].multiply(self.rare.right[cols])
            values += np.asarray(hits.sum(axis=1), dtype=np.float32).ravel()
        self.cut(values)
        return values


def scatter(tile: Tile, cells: csr_array, *, replace: bool = False) -> None:
    """Add the cells of a sparse matrix of the same shape to a contiguous tile."""
    starts = np.arange(tile.shape[0], dtype=np.int64) * tile.shape[1]
    places = np.repeat(starts, np.diff(cells.indptr)) + cells.indices
    if replace:
        tile.ravel()[places] = cells.data
    else:
        tile.ravel()[places] += cells.data


def _split(parts: Sequence[Features]) -> tuple[NDArray, Tile, Features | None]:
    """Return the dense columns of both sides and the rare ones, if any."""
    sparse = [part for part in parts if not part.is_dense]
    lefts = [part.left for part in parts if part.is_dense]
    rights = [np.asarray(part.right, dtype=np.float32) for part in parts if part.is_dense]
    rare = None
    if sparse:
        left = hstack([part.left for part in sparse], format="csr")
        right = hstack([part.right for part in sparse], format="csr")
        frequent, seldom = _by_frequency(left, right)
        lefts.append(_filled(left, frequent))
        rights.append(_filled(right, frequent).astype(np.float32))
        if len(seldom):
            rare = Features(left[:, seldom], right[:, seldom], 0)
    if len(lefts) == 1:
        return lefts[0], np.ascontiguousarray(rights[0]), rare
    return np.concatenate(lefts, axis=1), np.concatenate(rights, axis=1), rare


def _by_frequency(left: csr_array, right: csr_array) -> tuple[Index, Index]:
    """Return the columns to keep dense and those to keep sparse; empty ones are dropped."""
    shares = [
        np.bincount(side.indices, minlength=side.shape[1]) / max(side.shape[0], 1)
        for side in (left, right)
    ]
    hits = shares[0] * shares[1]
    most = MOST_CELLS_DENSE // max(left.shape[0] + right.shape[0], 1)
    order = np.argsort(-hits, kind="stable")
    count = min(int((hits >= RARE).sum()), most)
    seldom = order[count:]
    return np.sort(order[:count]), np.sort(seldom[hits[seldom] > 0])


def _filled(side: csr_array, columns: Index) -> NDArray[np.integer]:
    return narrowed(side[:, columns].astype(np.int32).toarray())


class Sum:
    """A sum of terms, for blocks and for single pairs of a pool of the given shape."""

    def __init__(self, terms: Sequence[Worth], shape: tuple[int, int]) -> None:
        self.shape = shape
        linear = [
            part
            for term in terms
            if isinstance(term, Term) and term.is_linear
            for part in term.features
        ]
        self.products = [Product(parts, None, None) for parts in _within_bound(linear)]
        self.products += [
            Product(term.features, term.low, term.high)
            for term in terms
            if isinstance(term, Term) and not term.is_linear
        ]
        self.functions = [term.function for term in terms if isinstance(term, Judged)]
        listed = [term.cells for term in terms if isinstance(term, Listed) and term.cells.nnz]
        self.listed = _added(listed)
        self.cols: Index = np.arange(shape[1])
        self._chunks = column_chunks(self.listed)

    def of_cols(self, cols: Index) -> Sum:
        """Return the sum for some of the columns, in the order given."""
        if np.array_equal(cols, np.arange(self.shape[1])):
            return self
        some = object.__new__(Sum)
        some.shape = (self.shape[0], len(cols))
        some.products = [product.of_cols(cols) for product in self.products]
        some.functions = self.functions
        some.listed = None if self.listed is None else self.listed[:, cols]
        some.cols = self.cols[cols]
        some._chunks = column_chunks(some.listed)
        return some

    def tiles(self, rows: Index) -> Iterator[tuple[slice, slice, Tile]]:
        """Yield the sums of some rows and all columns, tile by tile, with the places of each.

        A tile is overwritten by the next.
        """
        scratch = np.empty((2, ROWS_IN_A_TILE * COLS_IN_A_TILE), dtype=np.float32)
        for first in range(0, len(rows), ROWS_IN_A_TILE):
            here = rows[first : first + ROWS_IN_A_TILE]
            brought = [product.of_rows(as_slice(here)) for product in self.products]
            for start in range(0, self.shape[1], COLS_IN_A_TILE):
                width = min(COLS_IN_A_TILE, self.shape[1] - start)
                tile, spare = scratch[:, : len(here) * width].reshape(2, len(here), width)
                self._fill(tile, spare, here, brought, start)
                yield slice(first, first + len(here)), slice(start, start + width), tile

    def _fill(self, tile: Tile, spare: Tile, rows: Index, brought: Sequence, start: int) -> None:
        if not self.products:
            tile.fill(0)
        for place, (product, bring) in enumerate(zip(self.products, brought, strict=True)):
            product.fill(spare if place else tile, bring, start)
            if place:
                tile += spare
        cols = self.cols[None, start : start + tile.shape[1]]
        for function in self.functions:
            tile += function(rows[:, None], cols)
        if self._chunks:
            scatter(tile, self._chunks[start // COLS_IN_A_TILE][as_slice(rows)])

    def pairs(self, rows: Index, cols: Index) -> Whole:
        """Return the sums of single pairs."""
        total = np.empty(len(rows), dtype=np.int64)
        for start in range(0, len(rows), PAIRS_AT_A_TIME):
            here = slice(start, start + PAIRS_AT_A_TIME)
            total[here] = self._some_pairs(rows[here], cols[here])
        return total

    def _some_pairs(self, rows: Index, cols: Index) -> Whole:
        total = np.zeros(len(rows), dtype=np.int64)
        for product in self.products:
            total += product.pairs(rows, cols).astype(np.int64)
        for function in self.functions:
            total += function(rows, self.cols[cols])
        if self.listed is not None:
            total += Listed(self.listed).pairs(rows, cols)
        return total


def _within_bound(features: Sequence[Features]) -> list[list[Features]]:
    """Put features side by side as long as their sums stay exact."""
    groups: list[list[Features]] = []
    reached = EXACT_IN_FLOAT32
    for part in features:
        if reached + part.bound >= EXACT_IN_FLOAT32:
            groups.append([])
            reached = 0
        groups[-1].append(part)
        reached += part.bound
    return groups


def _added(cells: Sequence[csr_array]) -> csr_array | None:
    total = None
    for some in cells:
        total = some if total is None else total + some
    return total


def column_chunks(cells: csr_array | None) -> list[csr_array]:
    """Cut a sparse matrix into the columns of tiles."""
    if cells is None or not cells.nnz:
        return []
    columns = cells.tocsc()
    starts = range(0, cells.shape[1], COLS_IN_A_TILE)
    return [
        columns[:, start : start + COLS_IN_A_TILE].tocsr().astype(np.float32) for start in starts
    ]


def as_slice(rows: Index) -> Rows:
    """Return rows that follow each other as a slice, which costs no copy."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all():
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows
