"""How a scenario differs from the draft: who changes, what is gained, by department."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from matching.engine import Pool, Scored, Solution, rescored
from matching.measuring import Group, fair_groups
from matching.models import Scenario
from matching.reasons import POINTS_A_PERCENT
from participants.models import Enrolment

MOST_MOVES = 2_000

IdPair = tuple[int, int]


def compare_with_draft(
    scored: Scored, solution: Solution, pairs: Sequence[IdPair]
) -> dict[str, Any]:
    """Return the figures of a scenario beside those of the draft's pairs under the same policy.

    So the difference is what pairing anew would gain, not what another ruler measures. ``moves``
    holds (mentee, mentor now, mentor then, score now, score then), None where there is none; the
    first 2,000. Scores are whole, of 1,000,000. O(pairs).
    """
    pool = scored.pool
    now = {pair.mentee_id: pair for pair in rescored(scored, pairs)}
    then = {pair.mentee_id: pair for pair in solution.pairs}
    moves = []
    for mentee in sorted({*now, *then}, key=int):
        before, after = now.get(mentee), then.get(mentee)
        mentors = (before and before.mentor_id, after and after.mentor_id)
        if mentors[0] != mentors[1]:
            scores = (before and before.score, after and after.score)
            moves.append([mentee, *mentors, *scores])
    return {
        "pairs": len(then),
        "pairs_now": len(now),
        "held": len(solution.held),
        "average": _average([pair.score for pair in then.values()]),
        "average_now": _average([pair.score for pair in now.values()]),
        "worst": solution.worst,
        "worst_now": min((pair.score for pair in now.values()), default=None),
        "broken_now": sum(bool(pair.broken) for pair in now.values()),
        "changed": len(moves),
        "gained": sum(row[1] is None for row in moves),
        "lost": sum(row[2] is None for row in moves),
        "moves": moves[:MOST_MOVES],
        "groups": [_of_group(pool, group, now, then) for group in _departments(pool)],
        "is_proved": solution.certificate.proved,
    }


def _average(scores: Sequence[int]) -> int | None:
    return round(sum(scores) / len(scores)) if scores else None


def _departments(pool: Pool) -> list[Group]:
    return fair_groups(pool).get("department", [])


def _of_group(pool: Pool, group: Group, now: Any, then: Any) -> dict[str, Any]:
    """Return what changes for the mentees of a group; small departments are combined in it."""
    found = [(now.get(pool.mentees.id[at]), then.get(pool.mentees.id[at])) for at in group.mentees]
    return {
        "names": list(group.names),
        "mentees": len(group.mentees),
        "changed": sum(
            (before and before.mentor_id) != (after and after.mentor_id) for before, after in found
        ),
        "now": _average([before.score for before, _after in found if before]),
        "then": _average([after.score for _before, after in found if after]),
    }


@dataclass(frozen=True)
class Moved:
    """A mentee who would have another mentor; scores of a hundred."""

    mentee: Enrolment
    before: Enrolment | None
    after: Enrolment | None
    score_before: int | None
    score_after: int | None


def moves_of(scenario: Scenario, viewer: User, *, limit: int) -> list[Moved]:
    """Return who would change, without pairs that concern the viewer. One query."""
    rows = scenario.result.get("moves", [])
    ids = {pk for row in rows for pk in row[:3] if pk is not None}
    people = Enrolment.objects.filter(pk__in=ids).select_related("user").in_bulk()
    found = []
    for mentee, before, after, *scores in rows:
        seats = [people.get(mentee), people.get(before), people.get(after)]
        if seats[0] is None or any(seat and seat.user_id == viewer.pk for seat in seats):
            continue
        found.append(Moved(seats[0], seats[1], seats[2], *map(of_hundred, scores)))
    return found[:limit]


def own_change_count(scenario: Scenario, viewer: User) -> int:
    """Count changes that concern the viewer, which somebody else decides about. One query."""
    rows = scenario.result.get("moves", [])
    ids = {pk for row in rows for pk in row[:3] if pk is not None}
    own = set(Enrolment.objects.filter(user=viewer, pk__in=ids).values_list("pk", flat=True))
    return sum(bool(own & set(row[:3])) for row in rows)


def of_hundred(score: int | None) -> int | None:
    """Return a score of a million as one of a hundred; None stays None."""
    return None if score is None else round(score / POINTS_A_PERCENT)
