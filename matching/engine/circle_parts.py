"""Circles of pools too large for one program: part by part, each part the best it can be.

The start is who would sit where if circles needed no least and nobody were kept apart. Then rounds:
circles that could use each other's people are taken together, a few at a time, with mentors and
mentees who have none, and are formed anew by the exact program. A part is never worse afterwards;
a round that gains less than a thousandth is the last.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.circle_desk import Matrix
from matching.engine.circle_floor import Floor, Groups, Team
from matching.engine.scoring import FORBIDDEN
from matching.engine.seating import Table, seat
from matching.engine.solver import solve_scores

MOST_ROUNDS = 8
CIRCLES_IN_A_PART = (12, 10, 8, 5, 3, 2)
"""Numbers of circles to take together, the first whose seats are not too many."""
CELLS_IN_A_PART = {1: 1_500, 2: 1_500, 3: 3_000}
WAITING_IN_A_PART = 24


@dataclass
class _State:
    """Where the search stands; only at the start may circles be too small or keep people apart."""

    groups: Groups
    waiting: list[int]
    idle: list[int]


@dataclass(frozen=True)
class _Part:
    """Circles that are formed anew, and the people and teams they are formed of."""

    near: Sequence[Team]
    mentees: list[int]
    teams: list[Team]
    table: Table


class Parts:
    """The search for good circles. O(parts * rounds) small programs; memory of the scores."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.shape = floor.shape
        self.desk = floor.desk
        self.draw = random.Random(self.desk.seed)  # noqa: S311 - the same each time

    def best(self, start: Groups | None = None) -> Groups:
        """Return good circles, from some that keep all rules or from nothing."""
        state = self._start() if start is None else _State(start, *self._without(start))
        for number in range(MOST_ROUNDS):
            before = self.floor.value(state.groups)
            is_first = start is None and number == 0
            self._round(state, number, is_first=is_first)
            after = self.floor.value(state.groups)
            if not is_first and not _is_more(before, after):
                break
        return state.groups

    def _start(self) -> _State:
        floor = self.floor
        teams = first_teams(floor)
        worth = floor.worth(floor.mentees, teams)
        wish = solve_scores(
            worth,
            capacity=self.shape.most,
            objective="coverage" if floor.most_first else "total",
            seed=self.desk.seed,
        )
        groups: Groups = {}
        for pair in wish.pairs:
            groups.setdefault(teams[pair.mentor], []).append(floor.mentees[pair.mentee])
        return _State(groups, *self._without(groups))

    def _without(self, groups: Groups) -> tuple[list[int], list[int]]:
        seated = {row for rows in groups.values() for row in rows}
        leading = {row for team in groups for row in team}
        return (
            [row for row in self.floor.mentees if row not in seated],
            [row for row in self.floor.mentors if row not in leading],
        )

    def _round(self, state: _State, number: int, *, is_first: bool) -> None:
        """Form every circle anew once, in parts."""
        todo = list(state.groups)
        self.draw.shuffle(todo)
        done = set[Team]()
        for centre in todo:
            if centre in done or centre not in state.groups:
                continue
            near = self._near(state, centre, done if is_first else ())
            part = self._part(state, near)
            before = {*state.groups} - {*part.near}
            self._reform(state, part, accept_all=is_first)
            done |= {*state.groups} - before
            self.desk.progress("circles", number, MOST_ROUNDS)
        if state.waiting and len(state.idle) >= self.shape.mentors:
            self._reform(state, self._part(state, ()), accept_all=False)

    def _near(self, state: _State, centre: Team, taken: Iterable[Team]) -> list[Team]:
        """Return a circle with those whose people could best change places with its own."""
        taken = set(taken)
        others = [team for team in state.groups if team != centre and team not in taken]
        if not others:
            return [centre]
        worth = self.floor.worth(state.groups[centre], others).clip(min=0).sum(axis=0)
        rows = [row for team in others for row in state.groups[team]]
        place = np.repeat(np.arange(len(others)), [len(state.groups[team]) for team in others])
        back = self.floor.worth(rows, [centre])[:, 0].clip(min=0)
        np.add.at(worth, place, back)
        order = np.argsort(-worth, kind="stable")
        few = CIRCLES_IN_A_PART[0] - 1
        return [centre, *(others[place] for place in order[:few].tolist())]

    def _reform(self, state: _State, part: _Part, *, accept_all: bool) -> None:
        """Form some circles anew, with a few who have none, if that gains."""
        floor = self.floor
        old = {team: state.groups[team] for team in part.near}
        seating = seat(part.table, most_first=floor.most_first)
        new = grouped(seating.seated, part.mentees, part.teams)
        if not accept_all and floor.value(new) <= floor.value(old):
            return
        for team in part.near:
            del state.groups[team]
        state.groups |= new
        state.waiting, state.idle = self._without(state.groups)

    def _part(self, state: _State, near: Sequence[Team]) -> _Part:
        """Return as many of some circles, the nearest first, as are not too large a program."""
        found = None
        for few in CIRCLES_IN_A_PART:
            found = self._with(state, near[:few], few)
            if found.table.cells <= CELLS_IN_A_PART[self.shape.mentors]:
                break
        assert found is not None  # noqa: S101
        return found

    def _with(self, state: _State, near: Sequence[Team], few: int) -> _Part:
        """Return some circles with mentors and mentees who have none."""
        floor = self.floor
        members = [row for team in near for row in state.groups[team]]
        mentors = [row for team in near for row in team]
        more = few + 1 if near else 2 * few * self.shape.mentors
        idle = self._wanted(state.idle, [*members, *state.waiting])[:more]
        waiting = self._who_may_join(state.waiting, [*mentors, *idle])
        learning, teaching = {*members, *waiting}, {*mentors, *idle}
        rows = [row for row in floor.mentees if row in learning]
        teams = floor.teams([row for row in floor.mentors if row in teaching])
        return _Part(near, rows, teams, floor.table(rows, teams))

    def _wanted(self, idle: Sequence[int], mentees: Sequence[int]) -> list[int]:
        """Return mentors without a circle, those who are worth most to some mentees first."""
        worth = self._fitting(mentees, idle)
        best = np.sort(worth.clip(min=0), axis=0)[-self.shape.most :].sum(axis=0)
        return [idle[place] for place in np.argsort(-best, kind="stable").tolist()]

    def _who_may_join(self, waiting: Sequence[int], mentors: Sequence[int]) -> list[int]:
        """Return the mentees without a seat who fit some mentors best."""
        worth = self._fitting(waiting, mentors).max(axis=1, initial=-1)
        order = np.argsort(-worth, kind="stable")[:WAITING_IN_A_PART]
        return [waiting[place] for place in order.tolist() if worth[place] >= 0]

    def _fitting(self, mentees: Sequence[int], mentors: Sequence[int]) -> Matrix:
        """Return scores, -1 where two may not meet."""
        here = np.ix_(np.array(mentees, dtype=np.int64), np.array(mentors, dtype=np.int64))
        return np.where(self.desk.fits[here], self.desk.scores[here], FORBIDDEN)


def _is_more(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Tell whether a round was worth another: the first goal, or a thousandth of either."""
    return any(new > old + old // 1_000 for old, new in zip(before, after, strict=True))


def grouped(seated: dict[int, int], rows: Sequence[int], teams: Sequence[Team]) -> Groups:
    """Return seats, which are places, as the rows of mentors and mentees."""
    groups: Groups = {}
    for place, host in sorted(seated.items()):
        groups.setdefault(teams[host], []).append(rows[place])
    return groups


def first_teams(floor: Floor) -> list[Team]:
    """Return teams to begin with, nobody in two: each mentor takes whom mentees share most with.

    What a team is worth is the sum of the best seats it could fill. Greedy; the rounds mend it.
    """
    size, free = floor.shape.mentors, list(floor.mentors)
    if size == 1:
        return [(mentor,) for mentor in free]
    teams: list[Team] = []
    while len(free) >= size:
        floor.desk.progress("circles", 0, MOST_ROUNDS)
        team: Team = (free.pop(0),)
        while len(team) < size:
            options = [one for one in free if floor.desk.mentors.may_join(one, team)]
            if not options:
                break
            worth = [_filled_worth(floor, (*team, one)) for one in options]
            team = (*team, options[max(range(len(options)), key=worth.__getitem__)])
            free.remove(team[-1])
        if len(team) == size:
            teams.append(tuple(sorted(team, key=floor.mentors.index)))
    return teams


def _filled_worth(floor: Floor, team: Team) -> int:
    desk = floor.desk
    rows = np.array(floor.mentees, dtype=np.int64)
    fits = desk.fits[np.ix_(rows, np.array(team))].all(axis=1)
    scores = desk.scores[np.ix_(rows, np.array(team))].sum(axis=1)[fits]
    few = floor.shape.most
    return int((np.partition(scores, -few)[-few:] if len(scores) > few else scores).sum())
