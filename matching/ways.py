"""How each format is tried: what its draft holds, how it is found anew, checked and measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matching.circles import circles_of, shape_of
from matching.engine import (
    Places,
    Scored,
    Violation,
    check,
    check_circles,
    check_peers,
    placed_circles,
    placed_pairs,
    placed_peers,
    places_of,
    solve,
    solve_circles,
    solve_peers,
)
from matching.models import LIVE, PairingRun, ProposalState

PAIRS_CHECKED = 400
"""Pairs drawn for the proof of what is only shown; a run that is stored draws more."""

Progress = Callable[[str, int, int], None]
Held = Sequence[Any]
"""Pairs by their ids, or circles by the ids of their mentors and mentees."""


@dataclass(frozen=True)
class Found:
    """What the engine answered: who has a place, in which pairs or circles."""

    places: Places
    ids: Held
    held: int
    is_proved: bool
    violations: Sequence[Violation]

    @property
    def groups(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Way:
    """What differs between formats when other weights are tried on a draft."""

    held_in: Callable[[PairingRun, Sequence[str]], Held]
    find: Callable[[PairingRun, Scored, dict[str, Any], Progress], Found]
    measure: Callable[[Scored, Held], Places]

    def live(self, run: PairingRun) -> Held:
        """Return the pairs or circles of a draft as it stands."""
        return self.held_in(run, LIVE)


def way_of(run: PairingRun) -> Way:
    if run.is_of_peers:
        return PEERS
    return CIRCLES if run.is_of_circles else PAIRS


def _pairs_in(run: PairingRun, states: Sequence[str]) -> Held:
    rows = run.proposals.filter(state__in=states).order_by("pk")
    return list(rows.values_list("mentee_id", "mentor_id"))


def _circles_in(run: PairingRun, states: Sequence[str]) -> Held:
    return circles_of(run, *states)


def _find_pairs(
    run: PairingRun, scored: Scored, snapshot: dict[str, Any], progress: Progress
) -> Found:
    pool, policy = scored.pool, scored.policy
    lifts_worst = snapshot["protects_worst"] and policy.objective == "coverage"
    found = solve(
        pool,
        policy,
        scored=scored,
        locked=_pairs_in(run, [ProposalState.LOCKED]),
        floor=True if lifts_worst else None,
        seed=run.seed,
        progress=progress,
    )
    return Found(
        places_of(found),
        ids=[pair.ids for pair in found.pairs],
        held=len(found.held),
        is_proved=found.certificate.proved,
        violations=check(pool, policy, found, sample=PAIRS_CHECKED),
    )


def _find_peers(
    run: PairingRun, scored: Scored, _snapshot: dict[str, Any], progress: Progress
) -> Found:
    pool, policy = scored.pool, scored.policy
    locked = _pairs_in(run, [ProposalState.LOCKED])
    found = solve_peers(
        pool, policy, scored=scored, locked=locked, seed=run.seed, progress=progress
    )
    return Found(
        places_of(found),
        ids=[pair.ids for pair in found.pairs],
        held=len(found.held),
        is_proved=found.is_exact,
        violations=check_peers(pool, policy, found),
    )


def _find_circles(
    run: PairingRun, scored: Scored, _snapshot: dict[str, Any], progress: Progress
) -> Found:
    pool, policy, shape = scored.pool, scored.policy, shape_of(run)
    locked = _circles_in(run, [ProposalState.LOCKED])
    found = solve_circles(
        pool, policy, shape, scored=scored, locked=locked, seed=run.seed, progress=progress
    )
    return Found(
        places_of(found),
        ids=[circle.ids for circle in found.circles],
        held=0,
        is_proved=found.is_exact,
        violations=check_circles(pool, policy, shape, found),
    )


PAIRS = Way(_pairs_in, _find_pairs, placed_pairs)
PEERS = Way(_pairs_in, _find_peers, placed_peers)
CIRCLES = Way(_circles_in, _find_circles, placed_circles)
