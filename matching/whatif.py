"""How a scenario differs from the draft: who changes, what is gained, by department."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from matching.engine import Pool, Scored, Solution, rescored
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
        "groups": _by_department(pool, now, then),
        "is_proved": solution.certificate.proved,
    }


def _average(scores: Sequence[int]) -> int | None:
    return round(sum(scores) / len(scores)) if scores else None


def _by_department(pool: Pool, now: Any, then: Any) -> list[dict[str, Any]]:
    """Return what changes for the mentees of each department, largest first."""
    groups: dict[str, dict[str, Any]] = {}
    for mentee, department in zip(pool.mentees.id, pool.mentees.department, strict=True):
        before, after = now.get(mentee), then.get(mentee)
        row = groups.setdefault(
            department or "",
            {"department": department or "", "mentees": 0, "changed": 0, "now": [], "then": []},
        )
        row["mentees"] += 1
        row["changed"] += (before and before.mentor_id) != (after and after.mentor_id)
        row["now"] += [before.score] if before else []
        row["then"] += [after.score] if after else []
    for row in groups.values():
        row["now"], row["then"] = _average(row["now"]), _average(row["then"])
    return sorted(groups.values(), key=lambda row: (-row["mentees"], row["department"]))


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
