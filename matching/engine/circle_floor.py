"""The people of one run who are free: what seats with any team of mentors are worth to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations

import numpy as np

from matching.engine.circle_desk import Desk, Matrix
from matching.engine.circle_values import Circle
from matching.engine.model import id_key
from matching.engine.results import Certificate
from matching.engine.scoring import FORBIDDEN
from matching.engine.seating import Table
from matching.engine.solver import solve_scores

Team = tuple[int, ...]
Groups = dict[Team, list[int]]
"""Mentors of each circle (rows) with its mentees (rows)."""


class Floor:
    """Free mentees and mentors as rows in the run's order, which decides among equals."""

    def __init__(self, desk: Desk, fixed: Sequence[Circle]) -> None:
        self.desk = desk
        self.shape = desk.shape
        led = {row for circle in fixed for row in circle.mentors}
        seated = {seat.row for circle in fixed for seat in circle.seats}
        pool = desk.pool
        self.mentees = [row for row in desk.order(pool.mentees) if row not in seated]
        self.mentors = [row for row in desk.order(pool.mentors) if row not in led]
        self.most_first = desk.policy.objective == "coverage"

    def teams(self, mentors: Sequence[int]) -> list[Team]:
        """Return every team that some mentors can form."""
        return [
            team
            for team in combinations(mentors, self.shape.mentors)
            if all(self.desk.mentors.may_join(one, [other]) for one, other in combinations(team, 2))
        ]

    def worth(self, mentees: Sequence[int], teams: Sequence[Team]) -> Matrix:
        """Return the value of seats: the mean score and a reward, -1 where one mentor is barred."""
        size = self.shape.mentors
        cols = np.array(teams, dtype=np.int64).reshape(-1, size)
        here = np.ix_(np.array(mentees, dtype=np.int64), cols[:, 0])
        total = np.zeros((len(mentees), len(teams)), dtype=np.int64)
        reward = np.zeros_like(total)
        fits = np.ones(total.shape, dtype=bool)
        for place in range(size):
            here = np.ix_(np.array(mentees, dtype=np.int64), cols[:, place])
            total += self.desk.scores[here]
            fits &= self.desk.fits[here]
            np.maximum(reward, self.desk.rewards[here], out=reward)
        return np.where(fits, total // size + reward, FORBIDDEN)

    def table(self, mentees: Sequence[int], teams: Sequence[Team]) -> Table:
        """Return what is to be seated: some mentees with some teams, of which no two share one."""
        with_mentor: dict[int, list[int]] = {}
        for place, team in enumerate(teams):
            for mentor in team:
                with_mentor.setdefault(mentor, []).append(place)
        return Table(
            self.worth(mentees, teams),
            self.shape.least,
            self.shape.most,
            self.desk.mentees.among(mentees),
            [tuple(places) for places in with_mentor.values() if len(places) > 1],
            len(with_mentor) // self.shape.mentors,
        )

    def value(self, groups: Groups) -> tuple[int, int]:
        """Return what is to be as high as can be: people and worth, or worth (then people)."""
        people = sum(len(rows) for rows in groups.values())
        worth = sum(int(self.worth(rows, [team]).sum()) for team, rows in groups.items())
        return (people, worth) if self.most_first else (worth, people)

    def filled(self, groups: Groups) -> Groups:
        """Seat whom circles with room can still take; room that is left costs nothing to use."""
        found = {team: list(rows) for team, rows in groups.items()}
        seated = {row for rows in groups.values() for row in rows}
        teams = list(found)
        for row in self.mentees:
            if row in seated or not teams:
                continue
            worth = self.worth([row], teams)[0].tolist()
            hosts = [
                place
                for place, team in enumerate(teams)
                if worth[place] >= 0 and self._has_room(row, found[team])
            ]
            if hosts:
                best = max(hosts, key=lambda place: (worth[place], -place))
                found[teams[best]].append(row)
        return found

    def _has_room(self, row: int, members: Sequence[int]) -> bool:
        return len(members) < self.shape.most and self.desk.mentees.may_join(row, members)

    def circles(self, groups: Groups) -> list[Circle]:
        """Return the circles in the order of their mentors' ids."""
        made = [self.desk.circle(team, rows) for team, rows in groups.items()]
        return sorted(made, key=lambda circle: [id_key(one) for one in circle.mentor_ids])

    @cached_property
    def pairs(self) -> Matrix:
        """Scores of free mentees with free mentors, -1 where they may not meet."""
        here = np.ix_(self.mentees, self.mentors)
        return np.where(self.desk.fits[here], self.desk.scores[here], FORBIDDEN)

    @cached_property
    def most_people(self) -> int:
        """A number of people that no circles can seat more than.

        Each takes one of the ``most`` seats at one mentor of their circle (a matching); each meets
        k mentors, who meet ``most`` each; and there are mentors for so many circles only.
        """
        if not self.pairs.size:
            return 0
        size, most = self.shape.mentors, self.shape.most
        able = (self.pairs >= 0).sum(axis=1) >= size
        meet = np.where(able[:, None] & (self.pairs >= 0), 1, FORBIDDEN)
        reached = solve_scores(meet, capacity=most).coverage
        met = solve_scores(
            meet, capacity=most, objective="total", mentors_wanted=(size,) * len(meet)
        ).total
        return min(reached, met // size, len(self.mentors) // size * most)


def relaxed(floor: Floor) -> tuple[int, Certificate, tuple[tuple[int, int], ...]]:
    """Return a total of scores that no circles can pass, with what proves it.

    Take any circles of k mentors. Each mentee in one meets k different mentors, and each mentor at
    most ``most`` mentees. A seat's score is the mean of its k pairs' scores, rounded down, so k
    times it is at most their sum. So k times the circles' total is at most the best total of
    pairs in which a mentee has up to k different mentors and a mentor up to ``most`` mentees,
    whatever the least number, whoever is kept apart and whichever teams there are: these pairs are
    an assignment that is solved and proved by its prices. A k-th of it, rounded down, is the bound.

    With several mentors, pairs that are chosen may earn more than their two prices (a mentor is had
    only once); the last value names them, as places among the free mentees and mentors.
    """
    size = floor.shape.mentors
    best = solve_scores(
        floor.pairs,
        capacity=floor.shape.most,
        objective="total",
        mentors_wanted=(size,) * len(floor.mentees),
    )
    several = tuple((pair.mentee, pair.mentor) for pair in best.pairs) if size > 1 else ()
    proof = replace(best.certificate, solver="prices")
    return proof.dual // (proof.score_factor * size), proof, several
