"""Whoever has a place in a pairing, with whom and what it is worth, alike for every format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.circle_desk import CircleIds, members_apart, rows_of, seats_of
from matching.engine.circle_values import CirclesSolution
from matching.engine.explaining import rescored
from matching.engine.model import Id
from matching.engine.peers import PeersSolution, half
from matching.engine.requests import IdPair
from matching.engine.results import Solution
from matching.engine.scoring import Scored
from matching.engine.together import Together


@dataclass(frozen=True, slots=True)
class Placed:
    """A mentee with a mentor, one with a seat in a circle, or a peer with a partner.

    ``with_ids`` are the mentor, the mentors of the circle, or the partner. ``score`` is of
    1,000,000; ``is_broken`` where a rule of the policy keeps the person apart from one of them.
    """

    id: Id
    with_ids: tuple[Id, ...]
    score: int
    is_broken: bool = False


Places = Mapping[Id, Placed]


def places_of(solution: Solution | PeersSolution | CirclesSolution) -> dict[Id, Placed]:
    """Return who has a place in what a solver found, by id."""
    if isinstance(solution, Solution):
        found = [Placed(pair.mentee_id, (pair.mentor_id,), pair.score) for pair in solution.pairs]
    elif isinstance(solution, PeersSolution):
        found = [
            Placed(one, (other,), half(pair.score))
            for pair in solution.pairs
            for one, other in (pair.ids, pair.ids[::-1])
        ]
    else:
        found = [
            Placed(seat.id, circle.mentor_ids, seat.score)
            for circle in solution.circles
            for seat in circle.seats
        ]
    return {placed.id: placed for placed in found}


def placed_pairs(scored: Scored, pairs: Iterable[IdPair]) -> dict[Id, Placed]:
    """Measure pairs (mentee, mentor) under a policy. O(pairs * criteria). Raises UnknownId."""
    return {
        pair.mentee_id: Placed(pair.mentee_id, (pair.mentor_id,), pair.score, pair.broken)
        for pair in rescored(scored, pairs)
    }


def placed_peers(scored: Scored, pairs: Iterable[IdPair]) -> dict[Id, Placed]:
    """Measure pairs of peers, both directions as one. O(pairs * criteria). Raises UnknownId."""
    ways = [way for one, other in pairs for way in ((one, other), (other, one))]
    found = rescored(scored, ways)
    both = {}
    for there, back in zip(found[::2], found[1::2], strict=True):
        score, is_broken = half(there.score + back.score), there.broken or back.broken
        for one in (there, back):
            both[one.mentee_id] = Placed(one.mentee_id, (one.mentor_id,), score, is_broken)
    return both


def placed_circles(scored: Scored, circles: Iterable[CircleIds]) -> dict[Id, Placed]:
    """Measure the seats of circles (ids of mentors, ids of mentees) under a policy.

    A seat is broken where a rule stands between the mentee and any member, or between two of the
    mentors. Time grows with the pool once, then with the seats. Raises UnknownId.
    """
    pool = scored.pool
    sides = [Together(pool, scored.policy, people) for people in (pool.mentors, pool.mentees)]
    rows = [rows_of(scored, *circle) for circle in circles]
    forbidden = _forbidden(scored, rows)
    found = {}
    for mentors, mentees in rows:
        ids = tuple(pool.mentors.id[row] for row in mentors)
        are_apart = bool(members_apart(sides[0], mentors))
        apart = members_apart(sides[1], mentees)
        kept = {one for pair in apart for one in (pair.one_id, pair.other_id)}
        for seat in seats_of(scored, mentors, mentees):
            is_broken = are_apart or seat.id in kept or seat.row in forbidden
            found[seat.id] = Placed(seat.id, ids, seat.score, is_broken)
    return found


def _forbidden(scored: Scored, circles: Sequence[tuple[Sequence[int], Sequence[int]]]) -> set[int]:
    """Return the rows of mentees whom a rule keeps from a mentor of their circle."""
    pairs = [(row, col) for cols, rows in circles for row in rows for col in cols]
    if not pairs:
        return set()
    rows, cols = (np.array(side) for side in zip(*pairs, strict=True))
    is_forbidden = np.any(list(scored.forbidden_by(rows, cols).values()), axis=0)
    return set(rows[is_forbidden].tolist())
