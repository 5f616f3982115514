"""Circles: what a run of them leaves behind, and what stood in the draft before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.jobs import JobStatus
from matching.drafts import Draft
from matching.engine import (
    CircleShape,
    CirclesSolution,
    Policy,
    Pool,
    Seat,
    UnknownId,
    explain_pairs,
    fingerprint_of,
    judge_circle,
    score_pool,
)
from matching.models import (
    LIVE,
    CircleMentor,
    PairingRun,
    Proposal,
    ProposalState,
    ProposedCircle,
    Unmatched,
)
from matching.results import ROWS_A_BATCH, contributions_of, versions_of

DOUBTED = 10_000
"""A gap is told in hundredths of a percent."""
Ids = tuple[list[int], list[int]]
"""Mentors and mentees of a circle."""


def shape_of(run: PairingRun) -> CircleShape:
    """Return the size of circles that a run was asked for."""
    return CircleShape(**run.policy_snapshot["circle"])


def locked_circles(run: PairingRun, pool: Pool) -> list[Ids]:
    """Return the circles that were locked in the last draft, and whose people are in the pool.

    Once the last draft is published, its locks count no more.
    """
    previous = (
        PairingRun.objects.filter(cohort=run.cohort_id, pk__lt=run.pk, status=JobStatus.DONE)
        .defer("pool_snapshot")
        .order_by("-pk")
        .first()
    )
    if previous is None or previous.published_at is not None:
        return []
    found = circles_of(previous, ProposalState.LOCKED)
    mentees, mentors = set(pool.mentees.id), set(pool.mentors.id)
    return [ids for ids in found if mentors.issuperset(ids[0]) and mentees.issuperset(ids[1])]


def standing_circles(run: PairingRun) -> list[Ids]:
    """Return the circles of the draft that this run starts from; of a run anew, none."""
    before = PairingRun.objects.filter(cohort=run.cohort_id, pk=run.policy_snapshot.get("keeps"))
    return [ids for draft in before.defer("pool_snapshot") for ids in circles_of(draft, *LIVE)]


def circles_of(run: PairingRun, *states: str) -> list[Ids]:
    """Return mentors and mentees of the circles of a draft whose seats are in these states."""
    circles = run.circles.filter(seats__state__in=states).distinct()
    return [
        (
            [leader.enrolment_id for leader in circle.leading.all()],
            [seat.mentee_id for seat in circle.seats.all() if seat.state in states],
        )
        for circle in circles.order_by("number").prefetch_related("leading", "seats")
    ]


def store_circles(
    run: PairingRun, pool: Pool, policy: Policy, solution: CirclesSolution
) -> dict[str, Any]:
    """Write the circles of a run and who is left over; return the run's figures."""
    circles = ProposedCircle.objects.bulk_create(
        ProposedCircle(run=run, number=number)
        for number, _circle in enumerate(solution.circles, start=1)
    )
    pairs = list(zip(circles, solution.circles, strict=True))
    CircleMentor.objects.bulk_create(
        [
            CircleMentor(circle=row, run=run, enrolment_id=mentor)
            for row, circle in pairs
            for mentor in circle.mentor_ids
        ],
        batch_size=ROWS_A_BATCH,
    )
    Proposal.objects.bulk_create(
        [
            Proposal(
                run=run,
                circle=row,
                mentee_id=seat.id,
                mentor_id=circle.mentor_ids[0],
                state=ProposalState.LOCKED if circle.locked else ProposalState.PROPOSED,
                score=seat.score,
                contributions=given,
            )
            for row, circle in pairs
            for seat, given in zip(
                circle.seats,
                contributions_in(
                    run.policy_snapshot, pool, policy, circle.mentor_ids, circle.seats
                ),
                strict=True,
            )
        ],
        batch_size=ROWS_A_BATCH,
    )
    Unmatched.objects.bulk_create(
        [
            Unmatched(run=run, enrolment_id=one.id, reason=one.code, detail=dict(one.facts))
            for one in solution.left_over
        ],
        batch_size=ROWS_A_BATCH,
    )
    return _figures(run, pool, solution)


def contributions_in(
    snapshot: dict[str, Any],
    pool: Pool,
    policy: Policy,
    mentors: Sequence[Any],
    seats: Sequence[Seat],
) -> list[list[dict[str, Any]]]:
    """Return for each seat what each criterion gives, strongest first, facts of the best mentor."""
    pairs = [(seat.id, mentor) for seat in seats for mentor in mentors]
    told = [
        contributions_of(snapshot, explanation)
        for explanation in explain_pairs(pool, policy, pairs)
    ]
    size = len(mentors)
    return [
        _of_seat(snapshot["criteria"], seat, told[at * size : (at + 1) * size])
        for at, seat in enumerate(seats)
    ]


@dataclass(frozen=True)
class Judged:
    """A circle that a manager puts together: its seats, and the keys of the rules it breaks."""

    mentors: Sequence[int]
    seats: Sequence[Seat]
    broken: tuple[str, ...]

    def score_of(self, mentee: int) -> int:
        return next(seat.score for seat in self.seats if seat.id == mentee)


class Judge:
    """Judges circles of one draft by the pool as it was frozen, which is read and scored once."""

    def __init__(self, draft: Draft) -> None:
        self.snapshot = draft.policy_snapshot
        self.pool, self.policy = draft.pool_with_overrides(), draft.policy
        self.scored = score_pool(self.pool, self.policy)

    def circle(
        self, mentors: Sequence[int], mentees: Sequence[int], *, about: int | None = None
    ) -> Judged:
        """Judge the circle of these people; of the rules, with ``about``, those this one breaks.

        Raises:
            DomainError: one of them joined after the run began.
        """
        try:
            found = judge_circle(self.scored, mentors, mentees)
        except UnknownId as error:
            raise DomainError(
                _("One of them joined after this run began. Start a new run."), code="not_in_pool"
            ) from error
        broken = (
            one for one in found.broken if about is None or about in (one.one_id, one.other_id)
        )
        rules = tuple(dict.fromkeys(one.rule for one in broken))
        return Judged(mentors, found.seats, rules)

    def contributions(self, circle: Judged, mentee: int) -> list[dict[str, Any]]:
        """Return what each criterion gives one seat of the circle, strongest first."""
        seat = next(seat for seat in circle.seats if seat.id == mentee)
        return contributions_in(self.snapshot, self.pool, self.policy, circle.mentors, [seat])[0]


def _of_seat(
    criteria: Sequence[dict[str, Any]], seat: Seat, told: Sequence[list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    found = []
    for row, points in zip(criteria, seat.contributions, strict=True):
        key = row["kind"], row["question"]
        ways = [item for one in told for item in one if (item["kind"], item["question"]) == key]
        best = max(ways, key=lambda item: item["points"])
        found.append({**best, "points": points})
    return sorted(found, key=lambda item: -item["points"])


def _figures(run: PairingRun, pool: Pool, solution: CirclesSolution) -> dict[str, Any]:
    scores = [seat.score for circle in solution.circles for seat in circle.seats]
    count = len(scores)
    return {
        "mentees": len(pool.mentees),
        "mentors": len(pool.mentors),
        "seats": len(pool.mentors),
        "pairs": count,
        "circles": len(solution.circles),
        "held": 0,
        "unmatched": len(solution.left_over),
        "idle": list(solution.idle),
        "total": sum(scores),
        "average": round(sum(scores) / count) if count else None,
        "worst": min(scores, default=None),
        "fingerprint": fingerprint_of(
            (seat.id, mentor)
            for circle in solution.circles
            for seat in circle.seats
            for mentor in circle.mentor_ids
        ),
        "certificate": {
            "is_proved": solution.is_exact,
            "bound": str(solution.bound),
            "total": str(solution.total),
            "most_people": solution.most_people,
            "gap": ceil(solution.gap * DOUBTED),
        },
        "versions": {
            **versions_of("numpy", "scipy"),
            "texts": run.pool_snapshot.get("text_version") or "words",
        },
        "timings": {},
    }
