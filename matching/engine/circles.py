"""Circles: one to three mentors with several mentees, at least so many or not at all.

Teams of mentors and the seats with them are one mixed-integer program (``seating``), which proves
its answer best; pools too large for that are formed part by part (``circle_parts``), with a bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from matching.engine.circle_desk import CircleIds, Desk
from matching.engine.circle_floor import Floor, Groups, relaxed
from matching.engine.circle_parts import Parts, grouped
from matching.engine.circle_reasons import why
from matching.engine.circle_values import CircleShape, CirclesSolution
from matching.engine.errors import InvalidPolicy
from matching.engine.model import Policy, Pool
from matching.engine.results import Certificate
from matching.engine.scoring import Progress, Scored, no_progress
from matching.engine.seating import seat

BRANCHING = "branch and bound"
MOST_CELLS = {1: 40_000, 2: 16_000, 3: 16_000}
"""Seats that may be (mentee, team), by mentors in a team, up to which circles are one program."""
MOST_TO_LOOK_AT = 2_000_000
"""Mentees times teams up to which those seats are counted."""


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
    desk = Desk(scored or Scored(pool, policy), shape, seed, progress)
    fixed = desk.locked(locked)
    desk.reward(previous)
    floor = Floor(desk, fixed)
    found = _formed(floor)
    circles = [*fixed, *floor.circles(floor.filled(found.groups))]
    total = sum(circle.worth for circle in circles)
    certain = sum(circle.worth for circle in fixed)
    progress("reasons", 0, 1)
    leading = {row for circle in circles for row in circle.mentors}
    proof = None if found.is_exact else _proof(floor, found.bound)
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
        is_exact=proof is None,
        bound=total if proof is None else max(total, certain + proof.bound),
        most_people=sum(len(circle.seats) for circle in fixed) + found.most_people,
        certificate=proof.certificate if proof else None,
        priced=tuple(floor.mentees) if proof else (),
        priced_mentors=tuple(floor.mentors) if proof else (),
        beyond=proof.beyond if proof else (),
    )


@dataclass(frozen=True)
class _Found:
    groups: Groups
    is_exact: bool
    bound: float
    most_people: int


@dataclass(frozen=True)
class _Proof:
    bound: int
    certificate: Certificate
    beyond: tuple[tuple[int, int], ...]


def _formed(floor: Floor) -> _Found:
    """Form circles by one program where it is small enough, else, or if it gave up, in parts."""
    beat = partial(floor.desk.progress, "circles", 0, 1)
    beat()
    size = floor.shape.mentors
    table, teams = None, []
    if math.comb(len(floor.mentors), size) * len(floor.mentees) <= MOST_TO_LOOK_AT:
        teams = floor.teams(floor.mentors)
        table = floor.table(floor.mentees, teams)
    if table is None or table.cells > MOST_CELLS[size]:
        return _Found(Parts(floor).best(), False, math.inf, floor.most_people)
    seating = seat(table, most_first=floor.most_first, beat=beat)
    groups = grouped(seating.seated, floor.mentees, teams)
    if seating.is_exact:
        return _Found(groups, True, 0, seating.most_people)
    most_people = min(seating.most_people, floor.most_people)
    return _Found(Parts(floor).best(groups), False, seating.bound, most_people)


def _proof(floor: Floor, bound: float) -> _Proof:
    """Return the bound and the prices behind it, or what branch and bound made of it."""
    by_prices, certificate, beyond = relaxed(floor)
    if bound < by_prices:
        return _Proof(int(bound), replace(certificate, solver=BRANCHING), beyond)
    return _Proof(by_prices, certificate, beyond)
