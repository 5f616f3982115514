"""Columns of people turned into arrays that criteria and rules work on.

``rows`` and ``cols`` are index arrays that broadcast: shapes (b, 1) and (1, n) ask for a block of
pairs, two arrays of one length ask for that many single pairs. The answers are the same either way.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.engine.model import HOURS_OF_WEEK, Hours, Id, People

Index = NDArray[np.intp]
Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BYTES_OF_WEEK = HOURS_OF_WEEK // 8


def equal_codes(*columns: Sequence[Hashable]) -> tuple[Codes, ...]:
    """Number the values of several columns alike; unknown (None or "") becomes -1."""
    numbers: dict[Hashable, int] = {None: -1, "": -1}
    return tuple(
        np.array([numbers.setdefault(value, len(numbers) - 2) for value in column], dtype=np.int64)
        for column in columns
    )


def number_column(values: Sequence[float | None]) -> tuple[Floats, Bools]:
    """Return the numbers (0 where not told) and which are told."""
    told = np.array([value is not None for value in values], dtype=bool)
    return np.array([value or 0 for value in values], dtype=np.float64), told


def distinct(values: Floats, told: Bools) -> tuple[Floats, Codes]:
    """Return the different numbers told, and the place of each person's among them or -1."""
    levels, places = np.unique(values[told], return_inverse=True)
    codes = np.full(len(values), -1, dtype=np.int64)
    codes[told] = places
    return levels, codes


def filled(column: Sequence[Collection[str]]) -> Bools:
    """Tell who has said anything."""
    return np.array([bool(values) for values in column], dtype=bool)


def given(column: Sequence[object]) -> Bools:
    """Tell who has a value that is not None."""
    return np.array([value is not None for value in column], dtype=bool)


def hour_mask(hours: Hours | None) -> int:
    """Return hours as a mask of 168 bits; not told is 0."""
    if hours is None:
        return 0
    if isinstance(hours, int):
        return hours & ((1 << HOURS_OF_WEEK) - 1)
    return sum(1 << hour for hour, free in enumerate(hours) if free)


def hour_bits(column: Iterable[Hours | None]) -> NDArray[np.uint8]:
    """Return hours of the week as rows of 168 ones and zeros."""
    masks = b"".join(hour_mask(hours).to_bytes(BYTES_OF_WEEK, "little") for hours in column)
    octets = np.frombuffer(masks, dtype=np.uint8).reshape(-1, BYTES_OF_WEEK)
    return np.unpackbits(octets, axis=1, bitorder="little")


def unordered_pairs(
    pairs: Iterable[tuple[Id, Id]], mentees: People, mentors: People
) -> set[tuple[int, int]]:
    """Return the rows (mentee, mentor) that pairs of persons stand for, either way round."""
    found = set()
    for one, other in pairs:
        for mentee, mentor in ((one, other), (other, one)):
            if mentee in mentees.person_index and mentor in mentors.person_index:
                found.add((mentees.person_index[mentee], mentors.person_index[mentor]))
    return found
