"""Pairs of equals: both directions as one pair, and what a run of peers leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any

from matching.drafts import Draft, Explained
from matching.engine import PeersSolution, Policy, Pool, explain_pairs, fingerprint_of, half
from matching.models import PairingRun, Proposal, ProposalState, Unmatched
from matching.results import ROWS_A_BATCH, contributions_of, versions_of

Contribution = dict[str, Any]
IdPair = tuple[int, int]
DOUBTED = 10_000
"""A gap is told in hundredths of a percent."""


def in_order(one: int, other: int) -> IdPair:
    """Return two enrolments in the order in which a pair of peers is stored."""
    return (one, other) if one < other else (other, one)


def store_peers(
    run: PairingRun, pool: Pool, policy: Policy, solution: PeersSolution
) -> dict[str, Any]:
    """Write pairs, held pairs and people left over of a run of peers; return the run's figures."""
    held = {pair.ids for pair in solution.held}
    pairs = [*solution.pairs, *solution.held]
    ids: list[tuple[Any, Any]] = [pair.ids for pair in pairs]
    given = both_directions(run.policy_snapshot, pool, policy, ids)
    Proposal.objects.bulk_create(
        [
            Proposal(
                run=run,
                mentee_id=one,
                mentor_id=other,
                state=_state(pair.locked, pair.ids in held),
                score=half(pair.score),
                contributions=contributions,
                is_of_peers=True,
            )
            for pair, (one, other), contributions in zip(
                pairs, (in_order(*two) for two in ids), given, strict=True
            )
        ],
        batch_size=ROWS_A_BATCH,
    )
    held_people = {one for pair in held for one in pair}
    Unmatched.objects.bulk_create(
        [
            Unmatched(run=run, enrolment_id=one.id, reason=one.code, detail=dict(one.facts))
            for one in solution.left_over
            if one.id not in held_people
        ],
        batch_size=ROWS_A_BATCH,
    )
    return _figures(run, pool, solution)


def _state(is_locked: bool, is_held: bool) -> str:
    if is_held:
        return ProposalState.HELD
    return ProposalState.LOCKED if is_locked else ProposalState.PROPOSED


def _figures(run: PairingRun, pool: Pool, solution: PeersSolution) -> dict[str, Any]:
    count = len(solution.pairs)
    scores = [half(pair.score) for pair in solution.pairs]
    versions = versions_of("networkx", "numpy", "scipy")
    return {
        "mentees": len(pool.mentees),
        "mentors": 0,
        "seats": 0,
        "pairs": count,
        "held": len(solution.held),
        "unmatched": len(solution.left_over),
        "total": sum(scores),
        "average": round(sum(scores) / count) if count else None,
        "worst": min(scores, default=None),
        "fingerprint": fingerprint_of(pair.ids for pair in solution.pairs),
        "certificate": {
            "is_proved": solution.is_exact,
            "bound": str(solution.bound),
            "total": str(solution.total),
            "most_pairs": solution.most_pairs,
            "gap": ceil(solution.gap * DOUBTED),
        },
        "versions": {**versions, "texts": run.pool_snapshot.get("text_version") or "words"},
        "timings": {},
    }


def both_directions(
    policy_snapshot: dict[str, Any], pool: Pool, policy: Policy, pairs: Sequence[tuple[Any, Any]]
) -> list[list[Contribution]]:
    """Return what each criterion gives to pairs, both directions as one, strongest first."""
    turned = [(other, one) for one, other in pairs]
    there, back = (
        [contributions_of(policy_snapshot, explanation) for explanation in found]
        for found in (explain_pairs(pool, policy, pairs), explain_pairs(pool, policy, turned))
    )
    return [merged(*two) for two in zip(there, back, strict=True)]


def merged(there: Iterable[Contribution], back: Iterable[Contribution]) -> list[Contribution]:
    """Return the contributions of two directions as one: half of their points, facts of both."""
    other_way = {(item["kind"], item["question"]): item for item in back}
    found = []
    for item in there:
        other = other_way[item["kind"], item["question"]]
        first, second = (item, other) if item["points"] >= other["points"] else (other, item)
        found.append(
            {
                **first,
                "code": first["code"] or second["code"],
                "facts": _facts(first["facts"], second["facts"]),
                "points": (item["points"] + other["points"]) // 2,
                "peers": True,
            }
        )
    return sorted(found, key=lambda item: -item["points"])


def _facts(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of the stronger direction; lists are continued by the other's."""
    found = {**second, **first}
    for name, value in first.items():
        more = second.get(name)
        if isinstance(value, list | tuple) and isinstance(more, list | tuple):
            found[name] = [*value, *(one for one in more if one not in value)]
    return found


def explain_peers(draft: Draft, pairs: Sequence[IdPair]) -> list[Explained]:
    """Return pairs of peers taken apart: rules of both directions, half of both scores.

    Raises:
        DomainError: somebody joined after the run began.
    """
    ways = [
        way for one, other in pairs for way in (in_order(one, other), in_order(one, other)[::-1])
    ]
    found = draft.explain_all(ways)
    return [
        Explained(
            mentee_id=there.mentee_id,
            mentor_id=there.mentor_id,
            score=half(there.score + back.score),
            contributions=merged(there.contributions, back.contributions),
            broken=tuple(dict.fromkeys((*there.broken, *back.broken))),
        )
        for there, back in zip(found[::2], found[1::2], strict=True)
    ]
