"""Pairing again with little change: which pairs stood, how many changed, and for how much gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.jobs import JobStatus
from matching.engine import Pool, Scored, Solution, rescored
from matching.models import LIVE, PairingRun, Proposal
from programs.models import Cohort

IdPair = tuple[Any, Any]
MOST_COMPARED = 4_000_000
"""Mentees times mentors up to which a run also tells what pairing anew would bring."""


def open_draft(cohort: Cohort) -> PairingRun | None:
    """Return the last draft of a cohort, where it is not published yet. One query."""
    last = (
        PairingRun.objects.filter(cohort=cohort, status=JobStatus.DONE)
        .defer("pool_snapshot", "policy_snapshot")
        .order_by("-pk")
        .first()
    )
    return last if last is not None and last.published_at is None else None


def standing_pairs(run: PairingRun, pool: Pool) -> list[IdPair]:
    """Return the pairs of the draft that this run starts from, whose people are in its pool."""
    before = run.policy_snapshot.get("keeps")
    if before is None:
        return []
    rows = Proposal.objects.filter(run=before, run__cohort=run.cohort_id, state__in=LIVE)
    return [
        (mentee, mentor)
        for mentee, mentor in rows.order_by("pk").values_list("mentee_id", "mentor_id")
        if mentee in pool.mentees.index and mentor in pool.mentors.index
    ]


def is_small(pool: Pool) -> bool:
    return len(pool.mentees) * len(pool.mentors) <= MOST_COMPARED


def change_since(
    scored: Scored, before: Sequence[IdPair], now: Solution, anew: Solution | None
) -> dict[str, Any]:
    """Return how many pairs stood, changed and came, and what that gained, by today's weights.

    ``gain`` counts only mentees who had a mentor before and have one now; scores of 1,000,000. With
    ``anew`` the same for pairing without regard to what stood.
    """
    stood = {pair.mentee_id: pair for pair in rescored(scored, list(before))}
    compared = {"now": now, "anew": anew}
    return {
        "stood": len(stood),
        "broken": sum(pair.broken for pair in stood.values()),
        **{name: _against(stood, one) for name, one in compared.items() if one is not None},
    }


def _against(stood: Mapping[Any, Any], solution: Solution) -> dict[str, int]:
    now = {pair.mentee_id: pair for pair in solution.pairs}
    both = stood.keys() & now.keys()
    return {
        "changed": sum(stood[mentee].mentor_id != now[mentee].mentor_id for mentee in both),
        "gain": sum(now[mentee].score - stood[mentee].score for mentee in both),
        "came": len(now.keys() - stood.keys()),
        "left": len(stood.keys() - now.keys()),
    }
