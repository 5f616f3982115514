"""Pairs of people who would both rather have each other (Gale and Shapley 1962).

The best total is rarely stable, and a stable matching loses some of the total: what is found here
says how much the people themselves might disagree, not that a solution is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.blocks import CELLS_IN_A_BLOCK, PoolBlocks
from matching.engine.flow import Whole
from matching.engine.model import Id, Policy, Pool
from matching.engine.results import Solution
from matching.engine.scoring import Scored

ANY_SCORE = -1


@dataclass(frozen=True, slots=True)
class BlockingPair:
    """A pair whose score both sides would gain by: the mentee on theirs, the mentor on one."""

    mentee_id: Id
    mentor_id: Id
    score: int
    mentee_gain: int
    mentor_gain: int


@dataclass(frozen=True, slots=True)
class Blocking:
    """How many such pairs there are, and those where the lesser of the two gains is largest."""

    count: int
    pairs: tuple[BlockingPair, ...]


def blocking_pairs(pool: Pool, policy: Policy, solution: Solution, *, most: int = 100) -> Blocking:
    """Return the pairs that both sides prefer by score, of those that might have been proposed.

    A mentor prefers a mentee to the one of theirs with the lowest score, or to an empty seat (worth
    0, like having no mentor). Locked pairs and their people's seats stand aside. One pass over all
    pairs in blocks: O(M * N) time, memory of a block.
    """
    blocks = PoolBlocks(Scored(pool, policy))
    of_mentees, of_mentors = _now(pool, solution)
    least = max(policy.minimum_fit, solution.floor or 0)
    count, found = 0, [np.zeros((0, 4), np.int64)]
    step = max(16, CELLS_IN_A_BLOCK // max(len(pool.mentors), 1))
    for start in range(0, len(pool.mentees), step):
        rows = np.arange(start, min(start + step, len(pool.mentees)))
        scores = blocks.block(rows)
        row, col = np.nonzero(
            (scores >= least) & (scores > of_mentees[rows, None]) & (scores > of_mentors)
        )
        score = scores[row, col].astype(np.int64)
        gain = score - np.maximum(np.maximum(of_mentees[rows[row]], of_mentors[col]), 0)
        count += len(row)
        best = np.lexsort((col, row, -gain))[:most]
        found.append(np.stack([rows[row], col, score, gain], axis=1)[best])
    every = np.concatenate(found)
    chosen = every[np.lexsort((every[:, 1], every[:, 0], -every[:, 3]))[:most]]
    return Blocking(
        count,
        tuple(
            BlockingPair(
                mentee_id=pool.mentees.id[row],
                mentor_id=pool.mentors.id[col],
                score=score,
                mentee_gain=score - max(int(of_mentees[row]), 0),
                mentor_gain=score - max(int(of_mentors[col]), 0),
            )
            for row, col, score, _ in chosen.tolist()
        ),
    )


def _now(pool: Pool, solution: Solution) -> tuple[Whole, Whole]:
    """Return the lowest score of each mentee's and mentor's own pairs.

    ANY_SCORE where a place is free, beyond all scores for those who cannot change.
    """
    never = np.iinfo(np.int64).max
    sides = []
    for people, name in ((pool.mentees, "mentee"), (pool.mentors, "mentor")):
        lowest = np.full(len(people), never)
        used = np.zeros(len(people), np.int64)
        for pair in solution.pairs:
            place = getattr(pair, name)
            used[place] += 1
            if not pair.locked:
                lowest[place] = min(lowest[place], pair.score)
        lowest[used < np.array(people.capacity, dtype=np.int64)] = ANY_SCORE
        sides.append(lowest)
    return sides[0], sides[1]
