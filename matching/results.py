"""Turn a solution of the engine into rows."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from matching.engine import (
    Explanation,
    Pair,
    Policy,
    Pool,
    Solution,
    explain_pairs,
    rule_effects,
    smallest_changes,
)
from matching.models import TOP_SCORE, CriterionKind, PairingRun, Proposal, ProposalState, Unmatched
from programs.models import Visibility

ROWS_A_BATCH = 1_000
LONGEST_IN_TENS = 256
MOST_REMEDIES = 500
"""Mentees of one run for whom the smallest change that would help is looked for."""


def store_solution(
    run: PairingRun, pool: Pool, policy: Policy, solution: Solution
) -> dict[str, Any]:
    """Write proposals, held pairs and unmatched people of a run; return the run's figures."""
    pairs = [*solution.pairs, *solution.held]
    explanations = explain_pairs(pool, policy, [pair.ids for pair in pairs])
    held = {pair.ids for pair in solution.held}
    Proposal.objects.bulk_create(
        (
            Proposal(
                run=run,
                mentee_id=pair.mentee_id,
                mentor_id=pair.mentor_id,
                state=_state(pair, held),
                score=pair.score,
                contributions=contributions_of(run.policy_snapshot, explanation),
            )
            for pair, explanation in zip(pairs, explanations, strict=True)
        ),
        batch_size=ROWS_A_BATCH,
    )
    held_for = {pair.mentee_id for pair in solution.held}
    waiting = [
        person
        for person in solution.unmatched
        if person.mentee_id not in held_for and person.code != "takes_no_part"
    ]
    asked = [person.mentee_id for person in waiting[:MOST_REMEDIES]]
    remedies = smallest_changes(pool, policy, solution, asked) if asked else {}
    Unmatched.objects.bulk_create(
        (
            Unmatched(
                run=run,
                enrolment_id=person.mentee_id,
                reason=person.code,
                detail={**person.facts, "help": remedies.get(person.mentee_id)},
            )
            for person in solution.unmatched
            if person.mentee_id not in held_for
        ),
        batch_size=ROWS_A_BATCH,
    )
    figures = {**_figures(pool, solution), "rules": _effects(pool, policy)}
    figures["versions"]["texts"] = run.pool_snapshot.get("text_version") or "words"
    return figures


def _state(pair: Pair, held: set[tuple[Any, Any]]) -> str:
    if pair.ids in held:
        return ProposalState.HELD
    return ProposalState.LOCKED if pair.locked else ProposalState.PROPOSED


def contributions_of(
    policy_snapshot: dict[str, Any], explanation: Explanation
) -> list[dict[str, Any]]:
    """Return what each criterion gave, of how much, with the facts behind it; strongest first.

    Answers that their authors did not release leave no facts behind.
    """
    rows = policy_snapshot["criteria"]
    weights = sum(row["weight"] for row in rows)
    found = []
    for row, points in zip(rows, explanation.contributions, strict=True):
        reason = _reason_for(row, explanation)
        facts = dict(reason.params) if reason else {}
        if row["visibility"] == Visibility.PRIVATE:
            facts = {}
        found.append(
            {
                "kind": row["kind"],
                "code": reason.code if reason else "",
                "facts": facts,
                "points": points,
                "of": round(TOP_SCORE * row["weight"] / weights),
                "visibility": row["visibility"],
                "question": row["question"],
            }
        )
    return sorted(found, key=lambda item: -item["points"])


def _reason_for(row: dict[str, Any], explanation: Explanation) -> Any:
    if row["kind"] == CriterionKind.TRAIT:
        return None  # nobody is told why it counted
    kind = "profession" if row["kind"] == "function" else row["kind"]
    for reason in explanation.reasons:
        if reason.kind == kind and reason.params.get("question", "") == row["question"]:
            return reason
    return None


def _figures(pool: Pool, solution: Solution) -> dict[str, Any]:
    certificate = solution.certificate
    count = solution.coverage
    return {
        "mentees": len(pool.mentees.id),
        "mentors": len(pool.mentors.id),
        "seats": sum(pool.mentors.capacity),
        "pairs": count,
        "held": len(solution.held),
        "unmatched": len(solution.unmatched),
        "total": solution.total,
        "average": round(solution.total / count) if count else None,
        "worst": solution.worst,
        "floor": solution.floor,
        "load": _histogram(solution.load),
        "fingerprint": solution.fingerprint(),
        "certificate": {
            "primal": _text_of(certificate.primal),
            "dual": _text_of(certificate.dual),
            "is_proved": certificate.proved,
        },
        "versions": versions_of("numpy", "scipy", "ortools"),
        "timings": {stage: round(seconds, 3) for stage, seconds in solution.timings.items()},
    }


def versions_of(*packages: str) -> dict[str, str]:
    """Return what computed a run: Python and the packages that count."""
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def _text_of(number: int) -> str:
    """Return a whole number as text; the long ones of the fairest aim in sixteens."""
    return str(number) if number.bit_length() <= LONGEST_IN_TENS else hex(number)


def _effects(pool: Pool, policy: Policy) -> list[dict[str, Any]]:
    """Return what each rule did to the pool: pairs removed, and mentees left without anybody."""
    return [
        {
            "rule": key,
            "removed": effect.removed,
            "removed_alone": effect.removed_alone,
            "left_without": effect.left_without,
        }
        for key, effect in sorted(rule_effects(pool, policy).items())
    ]


def _histogram(load: Sequence[int]) -> dict[str, int]:
    """Return how many mentors have how many mentees."""
    counts: dict[str, int] = {}
    for mentees in load:
        counts[str(mentees)] = counts.get(str(mentees), 0) + 1
    return dict(sorted(counts.items()))
