"""How a scenario differs from the draft: who changes, what is gained, by department."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from core.names import listed
from matching.engine import Placed, Places, Pool
from matching.measuring import Group, average, fair_groups
from matching.models import LIVE, Proposal, Scenario
from matching.reasons import POINTS_A_PERCENT
from matching.ways import Found
from participants.models import Enrolment

MOST_MOVES = 2_000


def compare_with_draft(pool: Pool, now: Places, found: Found) -> dict[str, Any]:
    """Return the figures of a scenario beside those of the draft under the same policy (``now``).

    So the difference is what pairing anew would gain, not what another ruler measures. ``moves``
    holds (person, with whom now, with whom then, score now, score then), empty and None where there
    is nobody; the first 2,000. Scores are whole, of 1,000,000. O(places).
    """
    then = found.places
    moves = []
    for one in sorted({*now, *then}, key=int):
        before, after = now.get(one), then.get(one)
        sides = (_with(before), _with(after))
        if set(sides[0]) != set(sides[1]):
            scores = (before and before.score, after and after.score)
            moves.append([one, *sides, *scores])
    scores_now, scores_then = ([one.score for one in places.values()] for places in (now, then))
    return {
        "placed": len(then),
        "placed_now": len(now),
        "groups_made": found.groups,
        "held": found.held,
        "average": average(scores_then),
        "average_now": average(scores_now),
        "worst": min(scores_then, default=None),
        "worst_now": min(scores_now, default=None),
        "broken_now": sum(one.is_broken for one in now.values()),
        "changed": len(moves),
        "gained": sum(not row[1] for row in moves),
        "lost": sum(not row[2] for row in moves),
        "moves": moves[:MOST_MOVES],
        "groups": [_of_group(pool, group, now, then) for group in _departments(pool)],
        "is_proved": found.is_proved,
    }


def _with(placed: Placed | None) -> list[Any]:
    return list(placed.with_ids) if placed else []


def _departments(pool: Pool) -> list[Group]:
    return fair_groups(pool).get("department", [])


def _of_group(pool: Pool, group: Group, now: Places, then: Places) -> dict[str, Any]:
    """Return what changes for the mentees of a group; small departments are combined in it."""
    found = [(now.get(pool.mentees.id[at]), then.get(pool.mentees.id[at])) for at in group.mentees]
    return {
        "names": list(group.names),
        "mentees": len(group.mentees),
        "changed": sum({*_with(before)} != {*_with(after)} for before, after in found),
        "now": average([before.score for before, _after in found if before]),
        "then": average([after.score for _before, after in found if after]),
    }


@dataclass(frozen=True)
class Moved:
    """Somebody who would be with others; scores of a hundred."""

    person: Enrolment
    before: list[Enrolment]
    after: list[Enrolment]
    score_before: int | None
    score_after: int | None

    @property
    def names_before(self) -> str:
        return listed([str(one.user) for one in self.before])

    @property
    def names_after(self) -> str:
        return listed([str(one.user) for one in self.after])


def moves_of(scenario: Scenario, viewer: User, *, limit: int) -> list[Moved]:
    """Return who would change, without what concerns the viewer. Two queries."""
    rows = scenario.result.get("moves", [])
    people = Enrolment.objects.filter(pk__in=_ids_in(rows)).select_related("user").in_bulk()
    own = {pk for pk, person in people.items() if person.user_id == viewer.pk}
    concerns = _concern(scenario, viewer, own)
    found = []
    for one, before, after, *scores in rows:
        if one not in people or concerns([one, before, after]):
            continue
        now, then = ([people[pk] for pk in side if pk in people] for side in (before, after))
        found.append(Moved(people[one], now, then, *map(of_hundred, scores)))
    return found[:limit]


def own_change_count(scenario: Scenario, viewer: User) -> int:
    """Count changes that concern the viewer, which somebody else decides about. Two queries."""
    rows = scenario.result.get("moves", [])
    mine = Enrolment.objects.filter(user=viewer, pk__in=_ids_in(rows))
    own = set(mine.values_list("pk", flat=True))
    concerns = _concern(scenario, viewer, own)
    return sum(concerns(row) for row in rows)


def _ids_in(rows: Iterable[Sequence[Any]]) -> set[int]:
    return {pk for one, before, after, *_scores in rows for pk in (one, *before, *after)}


def _concern(
    scenario: Scenario, viewer: User, own: Collection[int]
) -> Callable[[Sequence[Any]], bool]:
    """Return what tells whether a move concerns the viewer: their place, or their circle."""
    circles = _circles_of(scenario, viewer, own) if scenario.run.is_of_circles else set()

    def concerns(row: Sequence[Any]) -> bool:
        one, before, after = row[:3]
        if not {one, *before, *after}.isdisjoint(own):
            return True
        return not circles.isdisjoint((frozenset(before), frozenset(after)))

    return concerns


def _circles_of(scenario: Scenario, viewer: User, own: Collection[int]) -> set[frozenset[Any]]:
    """Return the mentors of the circle in which the viewer sits, and would sit. One query."""
    seats = Proposal.objects.filter(run=scenario.run_id, mentee__user=viewer, state__in=LIVE)
    leading = seats.values_list("circle__leading__enrolment", flat=True)
    circles: set[frozenset[Any]] = {frozenset(leading)}
    circles |= {frozenset(row[2]) for row in scenario.result["moves"] if row[0] in own}
    return circles - {frozenset()}


def of_hundred(score: int | None) -> int | None:
    """Return a score of a million as one of a hundred; None stays None."""
    return None if score is None else round(score / POINTS_A_PERCENT)
