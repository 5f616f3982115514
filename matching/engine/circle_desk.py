"""What all steps of forming circles read: scores, who may sit where, who stays with whom."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.engine.circle_values import (
    BrokenPair,
    Circle,
    CircleShape,
    JudgedCircle,
    Seat,
)
from matching.engine.errors import (
    InvalidPool,
    LockedBeyondCapacity,
    LockedPairForbidden,
    LockedTwice,
    UnknownId,
)
from matching.engine.model import Id, People, id_key
from matching.engine.scoring import Progress, Scored
from matching.engine.together import Together

Matrix = NDArray[np.int64]
CircleIds = tuple[Sequence[Id], Sequence[Id]]
"""Mentors and mentees of a circle."""
CircleRows = tuple[tuple[int, ...], tuple[int, ...]]


class Desk:
    """The scores of a pool, and its people in an order that does not depend on their rows."""

    def __init__(self, scored: Scored, shape: CircleShape, seed: int, progress: Progress) -> None:
        self.scored = scored
        self.pool = scored.pool
        self.policy = scored.policy
        self.shape = shape
        self.seed = seed
        self.progress = progress
        self.scores: Matrix = scored.matrix(progress).astype(np.int64)
        self.fits = self.scores >= max(self.policy.minimum_fit, 0)
        self.mentees = Together(self.pool, self.policy, self.pool.mentees)
        self.mentors = Together(self.pool, self.policy, self.pool.mentors)
        self.rewards = np.zeros(self.scores.shape, dtype=np.int64)

    def order(self, people: People) -> list[int]:
        """Return the rows of those with a seat by their ids; a seed draws another order.

        The order decides among circles that are equally good.
        """
        rows = [row for row, seats in enumerate(people.capacity) if seats > 0]
        rows.sort(key=lambda row: id_key(people.id[row]))
        if self.seed:
            random.Random(self.seed).shuffle(rows)  # noqa: S311 - among equals, the same each time
        return rows

    def by_id(self, people: People, rows: Iterable[int]) -> tuple[int, ...]:
        return tuple(sorted(rows, key=lambda row: id_key(people.id[row])))

    def reward(self, previous: Iterable[CircleIds]) -> None:
        """Reward mentees who stay with a mentor; people who have gone are passed over."""
        mentees, mentors = self.pool.mentees.index, self.pool.mentors.index
        for circle_mentors, circle_mentees in previous:
            rows = [mentees[one] for one in circle_mentees if one in mentees]
            cols = [mentors[one] for one in circle_mentors if one in mentors]
            self.rewards[np.ix_(rows, cols)] = self.policy.keep_reward

    def locked(self, circles: Iterable[CircleIds]) -> list[Circle]:
        """Return circles that stay as they are, whatever their size; only rules must hold."""
        circles = list(circles)
        if not all(mentors and mentees for mentors, mentees in circles):
            raise InvalidPool("A locked circle has at least one mentor and one mentee.")
        found = [rows_of(self.scored, *circle) for circle in circles]
        for place, people in ((0, self.pool.mentors), (1, self.pool.mentees)):
            twice = Counter(row for circle in found for row in circle[place])
            if offenders := [people.id[row] for row, times in twice.items() if times > 1]:
                raise LockedTwice("These people sit in locked circles twice:", offenders)
            if gone := [people.id[row] for row in twice if people.capacity[row] < 1]:
                raise LockedBeyondCapacity("These people have no seat to be locked in:", gone)
        judged = [judge(self.scored, *circle, self.mentors, self.mentees) for circle in found]
        broken = [(pair.one_id, pair.other_id) for one in judged for pair in one.broken]
        if broken:
            raise LockedPairForbidden("Rules keep these people of locked circles apart:", broken)
        return [self.circle(*circle, locked=True) for circle in found]

    def circle(
        self, mentors: Iterable[int], mentees: Iterable[int], *, locked: bool = False
    ) -> Circle:
        """Return a circle with the scores of its seats."""
        mentors = self.by_id(self.pool.mentors, mentors)
        ids = tuple(self.pool.mentors.id[row] for row in mentors)
        rows = self.by_id(self.pool.mentees, mentees)
        return Circle(mentors, ids, seats_of(self.scored, mentors, rows), locked)


def rows_of(scored: Scored, mentor_ids: Sequence[Id], mentee_ids: Sequence[Id]) -> CircleRows:
    """Return the rows of a circle's people. Raises UnknownId."""
    mentors, mentees = scored.pool.mentors.index, scored.pool.mentees.index
    unknown = [one for one in mentor_ids if one not in mentors]
    unknown += [one for one in mentee_ids if one not in mentees]
    if unknown:
        raise UnknownId("These ids are not in the pool:", unknown)
    return tuple(mentors[one] for one in mentor_ids), tuple(mentees[one] for one in mentee_ids)


def seats_of(scored: Scored, mentors: Sequence[int], mentees: Sequence[int]) -> tuple[Seat, ...]:
    """Return the seats of some mentees with some mentors, whatever the rules say.

    A criterion's contribution is the mean over the mentors, rounded down, and the points lost by
    that go to the criteria that lost most (the earlier first), so that they sum to the score.
    """
    if not mentors or not mentees:
        return tuple(Seat(row, scored.pool.mentees.id[row], 0) for row in mentees)
    rows = np.repeat(np.array(mentees), len(mentors))
    cols = np.tile(np.array(mentors), len(mentees))
    earned = scored.contributions(rows, cols).astype(np.int64)
    sums = earned.reshape(len(mentees), len(mentors), -1).sum(axis=1)
    ids = scored.pool.mentees.id
    return tuple(
        Seat(row, ids[row], sum(own) // len(mentors), shared_out(own, len(mentors)))
        for row, own in zip(mentees, sums.tolist(), strict=True)
    )


def shared_out(sums: Sequence[int], mentors: int) -> tuple[int, ...]:
    """Return whole means of sums over some mentors that add up to the whole mean of them all."""
    floors = [own // mentors for own in sums]
    most_lost = sorted(range(len(sums)), key=lambda place: -(sums[place] % mentors))
    for place in most_lost[: sum(sums) // mentors - sum(floors)]:
        floors[place] += 1
    return tuple(floors)


def judge(
    scored: Scored,
    mentors: Sequence[int],
    mentees: Sequence[int],
    mentors_side: Together,
    mentees_side: Together,
) -> JudgedCircle:
    """Return what a circle's seats are worth and the rules it breaks."""
    ids, mentor_ids = scored.pool.mentees.id, scored.pool.mentors.id
    broken: list[BrokenPair] = []
    for mentee in mentees:
        for mentor in mentors:
            kept = scored.forbidden_by(np.array([mentee]), np.array([mentor]))
            broken += [
                BrokenPair(ids[mentee], mentor_ids[mentor], key)
                for key, is_forbidden in kept.items()
                if is_forbidden[0]
            ]
    for side, rows in ((mentors_side, mentors), (mentees_side, mentees)):
        broken += members_apart(side, rows)
    return JudgedCircle(seats_of(scored, mentors, mentees), tuple(broken))


def members_apart(side: Together, rows: Sequence[int]) -> list[BrokenPair]:
    ids = side.people.id
    found = []
    for place, one in enumerate(rows):
        for other in rows[place + 1 :]:
            keys = ["not_self"] if one == other else side.rules(one, other)
            found += [BrokenPair(ids[one], ids[other], key) for key in keys]
    return found


def judge_circle(
    scored: Scored, mentor_ids: Sequence[Id], mentee_ids: Sequence[Id]
) -> JudgedCircle:
    """Judge a circle that somebody puts together by hand; its size is not looked at.

    Rules of the policy hold between every mentor and mentee; between members of one side those
    about who they are to each other (reporting line, must not be paired, not oneself). Raises
    UnknownId. Time grows with the pool for the first, then with mentors times mentees.
    """
    pool, policy = scored.pool, scored.policy
    sides = Together(pool, policy, pool.mentors), Together(pool, policy, pool.mentees)
    return judge(scored, *rows_of(scored, mentor_ids, mentee_ids), *sides)
