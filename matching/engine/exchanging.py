"""Better pairs of equals by exchanges: two pairs give up each other where that gains something."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.int64]

ROWS_A_BLOCK = 256
MOST_ROUNDS = 200


def exchanged(pairs: Iterable[tuple[int, int]], value: Matrix) -> list[tuple[int, int]]:
    """Return pairs that no exchange between two of them improves, nor with somebody alone.

    ``value`` is symmetric, below 0 where two may not be paired. Each round finds for every pair the
    exchange that gains most, and takes those that do not touch each other, the best first; every
    round gains, so it ends. O(n^2) a round, memory of a block of rows.
    """
    size = len(value)
    wide = np.zeros((size + 1, size + 1), dtype=np.int64)  # the last one stands for nobody
    wide[:size, :size] = np.where(value >= 0, value, -(2**60) // 4)
    seats = _seats(list(pairs), size)
    for _ in range(MOST_ROUNDS):
        gains, partners, crossed = _best_exchanges(seats, wide)
        if not _take(seats, gains, partners, crossed):
            break
    kept = [(int(one), int(other)) for one, other in seats if max(one, other) < size]
    return sorted((min(pair), max(pair)) for pair in kept)


def _seats(pairs: list[tuple[int, int]], size: int) -> Matrix:
    """Return pairs as two columns; whoever is alone sits with nobody."""
    paired = {row for pair in pairs for row in pair}
    alone = [(row, size) for row in range(size) if row not in paired]
    return np.array(sorted(pairs) + alone, dtype=np.int64).reshape(-1, 2)


def _best_exchanges(seats: Matrix, wide: Matrix) -> tuple[Matrix, Matrix, NDArray[np.bool_]]:
    """Return for each pair the gain of its best exchange, with which pair, and which way."""
    ones, others = seats.T
    now = wide[ones, others]
    gains = np.zeros(len(seats), dtype=np.int64)
    partners = np.zeros(len(seats), dtype=np.int64)
    crossed = np.zeros(len(seats), dtype=bool)
    for start in range(0, len(seats), ROWS_A_BLOCK):
        here = slice(start, start + ROWS_A_BLOCK)
        one, other = ones[here, None], others[here, None]
        straight = wide[one, ones] + wide[other, others]
        across = wide[one, others] + wide[other, ones]
        best = np.maximum(straight, across) - now[here, None] - now
        rows = np.arange(best.shape[0])
        best[rows, rows + start] = 0
        at = best.argmax(axis=1)
        gains[here], partners[here] = best[rows, at], at
        crossed[here] = across[rows, at] > straight[rows, at]
    return gains, partners, crossed


def _take(seats: Matrix, gains: Matrix, partners: Matrix, crossed: NDArray[np.bool_]) -> int:
    """Make the exchanges that gain, the best first, each pair in one only; return how many."""
    touched = np.zeros(len(seats), dtype=bool)
    taken = 0
    for place in np.argsort(-gains, kind="stable").tolist():
        if gains[place] <= 0:
            break
        with_whom = int(partners[place])
        if touched[place] or touched[with_whom]:
            continue
        touched[place] = touched[with_whom] = True
        one, other = seats[place].copy()
        third, fourth = seats[with_whom].copy()
        if crossed[place]:
            third, fourth = fourth, third
        seats[place], seats[with_whom] = (one, third), (other, fourth)
        taken += 1
    return taken
