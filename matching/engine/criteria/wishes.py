"""What one side wishes for, shared out to whole points, against what the other side has.

Each wish has an importance; the points are divided in proportion, in the order of the names, so
that they sum exactly. Whoever has only something related earns a part of the points of a wish, in
hundredths.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from matching.engine.features import Cells, Features, Whole, matched

CREDIT_STEPS = 100
Related = Mapping[str, Mapping[str, float]]


def wish_features(
    wanted: Sequence[Mapping[str, int]],
    offered: Sequence[Collection[str]],
    points: int,
    related: Related | None = None,
) -> Features:
    """Return the points of each mentee's wishes that a mentor meets."""
    wishes = _shared_out(Cells.of_numbers(wanted), points)
    if not related:
        return matched(wishes, Cells.of(offered), points)
    near = _turned(related)
    offers = [list(_credits(own, near).items()) for own in offered]
    return matched(_with_parts(wishes, related), Cells.of(offers), points)


def _turned(related: Related) -> dict[str, list[tuple[str, int]]]:
    """Return for each skill the wishes that it meets in part, with the credit in hundredths."""
    near: dict[str, list[tuple[str, int]]] = {}
    for wanted, offers in related.items():
        for offered, share in offers.items():
            near.setdefault(offered, []).append((wanted, round(share * CREDIT_STEPS)))
    return near


def _credits(
    offered: Collection[str], near: Mapping[str, Sequence[tuple[str, int]]]
) -> dict[str, int]:
    """Return what somebody is worth for each wish, in hundredths; the best credit counts."""
    worth: dict[str, int] = {}
    for own in offered:
        for wanted, credit in near.get(own, ()):
            worth[wanted] = max(credit, worth.get(wanted, 0))
    return worth | dict.fromkeys(offered, CREDIT_STEPS)


def _shared_out(wishes: Cells, points: int) -> Cells:
    """Turn importance into points: of the first k wishes by name, the whole part of their share."""
    rank = {name: place for place, name in enumerate(sorted(set(wishes.names), key=str))}
    names = np.array([rank[name] for name in wishes.names], dtype=np.int64)
    order = np.lexsort((names, wishes.rows))
    rows, importance = wishes.rows[order], wishes.values[order]
    running = np.cumsum(importance)
    starts = np.searchsorted(rows, np.arange(wishes.people + 1))
    before = np.concatenate([[0], running])[starts[:-1]]
    whole = np.concatenate([[0], running])[starts[1:]] - before
    reached = points * (running - before[rows]) // whole[rows]
    earlier = points * (running - importance - before[rows]) // whole[rows]
    values = np.empty_like(importance)
    values[order] = reached - earlier
    return wishes.with_values(values)


def _with_parts(wishes: Cells, related: Related) -> Cells:
    """Name each wish with each credit that it can earn: (name, 100) and those in ``related``."""
    steps = {
        wanted: {round(share * CREDIT_STEPS) for share in offers.values()} - {CREDIT_STEPS}
        for wanted, offers in related.items()
    }
    rows, names, values = [], [], []
    for row, name, value in zip(
        wishes.rows.tolist(), wishes.names, wishes.values.tolist(), strict=True
    ):
        for credit in (CREDIT_STEPS, *sorted(steps.get(str(name), ()))):
            rows.append(row)
            names.append((name, credit))
            values.append((2 * value * credit + CREDIT_STEPS) // (2 * CREDIT_STEPS))
    return Cells(wishes.people, _whole(rows), names, _whole(values))


def _whole(numbers: Sequence[int]) -> Whole:
    return np.array(numbers, dtype=np.int64)
