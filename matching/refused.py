"""Pairs that a manager took out of a draft: later drafts do not propose them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from matching.engine import Pool
from matching.models import LIVE, Proposal, ProposalState
from programs.models import Cohort

IdPair = tuple[int, int]


def refused_pairs(cohort: Cohort) -> list[IdPair]:
    """Return the pairs that somebody rejected, and nobody chose by hand or took back since.

    By the ids of their enrolments, in order. One query.
    """
    refused: dict[IdPair, bool] = {}
    rows = Proposal.objects.filter(run__cohort=cohort, circle=None)
    stands = (*LIVE, ProposalState.PUBLISHED)
    decided = rows.filter(is_refused=True) | rows.filter(is_manual=True, state__in=stands)
    for mentee, mentor, is_refused in decided.order_by("pk").values_list(
        "mentee_id", "mentor_id", "is_refused"
    ):
        refused[mentee, mentor] = is_refused
    return sorted(pair for pair, is_refused in refused.items() if is_refused)


def without_refused(pool: Pool, snapshot: Mapping[str, Any]) -> Pool:
    """Return the pool with the pairs that the policy's snapshot keeps out; gone people aside."""
    mentees, mentors = pool.mentees, pool.mentors
    kept_apart = {
        (mentees.person[mentees.index[mentee]], mentors.person[mentors.index[mentor]])
        for mentee, mentor in snapshot.get("refused", ())
        if mentee in mentees.index and mentor in mentors.index
    }
    if not kept_apart:
        return pool
    return replace(pool, must_not_pairs=frozenset({*pool.must_not_pairs, *kept_apart}))
