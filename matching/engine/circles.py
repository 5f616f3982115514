"""Circles: one to three mentors with several mentees, at least so many or not at all.

With one mentor each, seating is a mixed-integer program that proves its answer best (``seating``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.engine.circle_desk import CircleIds, Desk, allowed_with
from matching.engine.circle_reasons import why
from matching.engine.circle_values import Circle, CircleShape, CirclesSolution
from matching.engine.errors import InvalidPolicy
from matching.engine.model import Policy, Pool, id_key
from matching.engine.results import Certificate
from matching.engine.scoring import FORBIDDEN, Progress, Scored, no_progress
from matching.engine.seating import Seating, Table, seat
from matching.engine.solver import solve_scores

BRANCHING = "branch and bound"


def solve_circles(
    pool: Pool,
    policy: Policy,
    shape: CircleShape,
    *,
    scored: Scored | None = None,
    locked: Iterable[CircleIds] = (),
    previous: Iterable[CircleIds] = (),
    seed: int = 0,
    progress: Progress = no_progress,
) -> CirclesSolution:
    """Seat the mentees of a pool in circles of one shape; everybody sits in one at most.

    Objective "coverage": most mentees first, then the best total of scores; "total": that alone.
    Every mentee fits every mentor of the circle at least as well as the policy's minimum, rules
    hold between any two members. ``locked`` circles (ids of mentors, ids of mentees) stay as they
    are, whatever their size and fit. Whoever stays with a mentor of a ``previous`` circle earns
    the policy's reward. The order of people's rows changes nothing; ``seed`` decides among equals.

    Raises InvalidPolicy (objective "leximin"), UnknownId, LockedTwice, LockedBeyondCapacity,
    LockedPairForbidden. Memory: mentees times mentors, some 40 bytes each.
    """
    if policy.objective not in ("coverage", "total"):
        raise InvalidPolicy("Circles are formed for most people or for the best total.")
    if shape.mentors > 1:
        raise InvalidPolicy("Circles are formed with one mentor each.")
    desk = Desk(scored or Scored(pool, policy), shape, seed, progress)
    fixed = desk.locked(locked)
    desk.reward(previous)
    floor = _Floor(desk, fixed)
    progress("circles", 0, 1)
    found = floor.found()
    circles = [*fixed, *found.circles]
    total = sum(circle.worth for circle in circles)
    certain = sum(circle.worth for circle in fixed)
    progress("reasons", 0, 1)
    leading = {row for circle in circles for row in circle.mentors}
    return CirclesSolution(
        circles=tuple(circles),
        left_over=why(desk, circles, floor.mentors),
        idle=tuple(
            pool.mentors.id[row]
            for row in desk.by_id(pool.mentors, floor.mentors)
            if row not in leading
        ),
        objective=policy.objective,
        minimum_fit=policy.minimum_fit,
        is_exact=found.is_exact,
        bound=total if found.is_exact else max(total, certain + found.bound),
        most_people=sum(len(circle.seats) for circle in fixed) + found.most_people,
        certificate=None if found.is_exact else found.certificate,
        priced=() if found.is_exact else tuple(floor.mentees),
        priced_mentors=() if found.is_exact else tuple(floor.mentors),
    )


@dataclass(frozen=True)
class _Found:
    circles: Sequence[Circle]
    is_exact: bool
    bound: int
    most_people: int
    certificate: Certificate | None = None


class _Floor:
    """The people who are free, in their order, and what each seat is worth for this run."""

    def __init__(self, desk: Desk, fixed: Iterable[Circle]) -> None:
        self.desk = desk
        fixed = list(fixed)
        led = {row for circle in fixed for row in circle.mentors}
        seated = {seat.row for circle in fixed for seat in circle.seats}
        pool = desk.pool
        self.mentees = [row for row in desk.order(pool.mentees) if row not in seated]
        self.mentors = [row for row in desk.order(pool.mentors) if row not in led]
        self.most_first = desk.policy.objective == "coverage"

    def found(self) -> _Found:
        teams = [(mentor,) for mentor in self.mentors]
        table = self.table(teams)
        seating = seat(table, most_first=self.most_first)
        circles = self._circles(teams, self._filled(table, seating))
        if seating.is_exact:
            return _Found(circles, True, 0, seating.most_people)
        bound, certificate = self._relaxed(table)
        if seating.bound < bound:
            bound, certificate = seating.bound, replace(certificate, solver=BRANCHING)
        return _Found(circles, False, bound, seating.most_people, certificate)

    def table(self, teams: Sequence[Sequence[int]]) -> Table:
        """Return what a seat with each team is worth for those who are free, rewards included."""
        worth = np.full((len(self.mentees), len(teams)), FORBIDDEN, dtype=np.int64)
        for place, team in enumerate(teams):
            scores = allowed_with(self.desk, team)
            reward = self.desk.rewards[:, list(team)].max(axis=1)
            worth[:, place] = np.where(scores >= 0, scores + reward, FORBIDDEN)[self.mentees]
        shape = self.desk.shape
        groups = self.desk.mentees.among(self.mentees)
        return Table(worth, shape.least, shape.most, groups)

    def _filled(self, table: Table, seating: Seating) -> dict[int, list[int]]:
        """Return the places of who sits at each host; room that is left costs nothing to use."""
        members: dict[int, list[int]] = {}
        for place, host in sorted(seating.seated.items()):
            members.setdefault(host, []).append(place)
        for place in range(len(self.mentees)):
            if place in seating.seated:
                continue
            hosts = [host for host in members if self._has_room(table, place, members[host], host)]
            if hosts:
                best = max(hosts, key=lambda host: (table.worth[place, host], -host))
                members[best].append(place)
        return members

    def _has_room(self, table: Table, place: int, members: Sequence[int], host: int) -> bool:
        if table.worth[place, host] < 0 or len(members) >= table.most:
            return False
        others = (self.mentees[other] for other in members)
        return self.desk.mentees.may_join(self.mentees[place], others)

    def _circles(
        self, teams: Sequence[Sequence[int]], members: dict[int, list[int]]
    ) -> list[Circle]:
        """Return the circles in the order of their mentors' ids."""
        made = [
            self.desk.circle(teams[host], [self.mentees[place] for place in places])
            for host, places in members.items()
        ]
        return sorted(made, key=lambda circle: [id_key(one) for one in circle.mentor_ids])

    def _relaxed(self, table: Table) -> tuple[int, Certificate]:
        """Return a total that no seats pass: the best if hosts needed no least and nobody was
        kept apart, with the prices that prove it.
        """
        relaxed = solve_scores(
            table.worth, capacity=table.most, objective="total", seed=self.desk.seed
        )
        return relaxed.total, relaxed.certificate
