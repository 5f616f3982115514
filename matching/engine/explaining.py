"""Why a pair was proposed, why another was not, and what differs between two solutions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np

from matching.engine.chains import Chains, NoPrices, request_of
from matching.engine.errors import UnknownId
from matching.engine.model import Id, Policy, Pool
from matching.engine.requests import IdPair, refuse_unknown
from matching.engine.results import (
    Comparison,
    Explanation,
    Move,
    Pair,
    Reason,
    Solution,
    Unmatched,
    WhyNot,
)
from matching.engine.scoring import Scored
from matching.engine.solver import solve_request


def explain(pool: Pool, policy: Policy, mentee_id: Id, mentor_id: Id) -> Explanation:
    """Take one pair apart: score, contributions, reasons, rules it breaks.

    Prepares the whole pool, O(people): for many pairs use :func:`explain_pairs`. Raises UnknownId.
    """
    return explain_pairs(pool, policy, [(mentee_id, mentor_id)])[0]


def explain_pairs(pool: Pool, policy: Policy, pairs: Iterable[IdPair]) -> list[Explanation]:
    """Take many pairs apart, in the order given; O(people + pairs * criteria). Raises UnknownId."""
    pairs = list(pairs)
    refuse_unknown(pool, pairs)
    if not pairs:
        return []
    scored = Scored(pool, policy)
    rows = np.array([pool.mentees.index[mentee] for mentee, _ in pairs])
    cols = np.array([pool.mentors.index[mentor] for _, mentor in pairs])
    scores = scored.scores(rows, cols).tolist()
    contributions = scored.contributions(rows, cols).tolist()
    forbidden = scored.forbidden_by(rows, cols)
    reasons = list(zip(*(m.explain(rows, cols) for m in scored.measures), strict=True))
    return [
        Explanation(
            mentee_id=mentee,
            mentor_id=mentor,
            score=scores[place],
            contributions=tuple(contributions[place]),
            reasons=_by_contribution(reasons[place], contributions[place]),
            broken=tuple(key for key, broken in forbidden.items() if broken[place]),
        )
        for place, (mentee, mentor) in enumerate(pairs)
    ]


@dataclass(frozen=True, slots=True)
class Rescored:
    """What a pair that was chosen earlier is worth now, and whether it breaks a rule now."""

    mentee_id: Id
    mentor_id: Id
    score: int
    broken: bool


def rescored(scored: Scored, pairs: Iterable[IdPair]) -> list[Rescored]:
    """Score pairs again under another policy; O(pairs * criteria). Raises UnknownId."""
    pairs = list(pairs)
    refuse_unknown(scored.pool, pairs)
    if not pairs:
        return []
    rows = np.array([scored.pool.mentees.index[mentee] for mentee, _ in pairs])
    cols = np.array([scored.pool.mentors.index[mentor] for _, mentor in pairs])
    broken = np.any(list(scored.forbidden_by(rows, cols).values()), axis=0)
    return [
        Rescored(*ids, score, is_broken)
        for ids, score, is_broken in zip(
            pairs, scored.scores(rows, cols).tolist(), broken.tolist(), strict=True
        )
    ]


def _by_contribution(
    reasons: Sequence[Reason | None], contributions: Sequence[int]
) -> tuple[Reason, ...]:
    """Return the reasons that contribute, the largest contribution first."""
    found = [
        replace(reason, contribution=contribution)
        for reason, contribution in zip(reasons, contributions, strict=True)
        if reason is not None and contribution > 0
    ]
    return tuple(sorted(found, key=lambda reason: -reason.contribution))


def why_not(pool: Pool, policy: Policy, solution: Solution, mentee_id: Id, mentor_id: Id) -> WhyNot:
    """Say why a pair was not proposed: what stands in the way, or exactly what it would cost.

    The cost is the difference to the best solution that has the pair beside the locked ones, with
    the chain of people who would move, found without solving again: see :class:`Chains`, to be
    prepared once for many questions. Where mentees want several mentors, or rewards of an earlier
    run are part of the solution, the pool is solved again; such rewards do not count. Raises
    UnknownId.
    """
    refuse_unknown(pool, [(mentee_id, mentor_id)])
    if any(pair.ids == (mentee_id, mentor_id) for pair in solution.pairs):
        return WhyNot("chosen")
    [pair] = explain_pairs(pool, policy, [(mentee_id, mentor_id)])
    if pair.broken:
        return WhyNot("rule", {"score": pair.score}, rules=pair.broken)
    obstacle = _obstacle(pool, solution, pair)
    if obstacle is not None:
        return obstacle
    try:
        return Chains(pool, policy, solution).price_of(mentee_id, mentor_id)
    except NoPrices:
        return price_by_solving(pool, policy, solution, pair)


def _obstacle(pool: Pool, solution: Solution, pair: Explanation) -> WhyNot | None:
    """Return what rules the pair out beside the hard rules: seats, locks, fit."""
    mentor = pool.mentors.index[pair.mentor_id]
    seats = pool.mentors.capacity[mentor]
    wanted = pool.mentees.capacity[pool.mentees.index[pair.mentee_id]]
    if not seats or not wanted:
        return WhyNot("no_seat", {"capacity": seats})
    locked = [fixed for fixed in solution.pairs if fixed.locked]
    taken = sum(1 for fixed in locked if fixed.mentor_id == pair.mentor_id)
    own = sum(1 for fixed in locked if fixed.mentee_id == pair.mentee_id)
    if taken >= seats or own >= wanted:
        return WhyNot("locked", {"capacity": seats, "locked": taken})
    if pair.score < solution.minimum_fit:
        facts = {"score": pair.score, "minimum_fit": solution.minimum_fit}
        return WhyNot("below_minimum_fit", facts)
    if pair.score < (solution.floor or 0):
        return WhyNot("below_floor", {"score": pair.score, "floor": solution.floor})
    return None


def price_by_solving(pool: Pool, policy: Policy, solution: Solution, pair: Explanation) -> WhyNot:
    """Solve again with the pair imposed and say what is lost and who moves."""
    request = request_of(solution)
    locked = (*request.locked, (pair.mentee_id, pair.mentor_id))
    imposed = solve_request(pool, policy, replace(request, locked=locked))
    change = compare(solution, imposed)
    loss, coverage_loss = -change.total_change, -change.coverage_change
    is_worse = loss or coverage_loss
    if solution.objective == "leximin":
        before, after = (sorted(one.score for one in side.pairs) for side in (solution, imposed))
        is_worse = before != after
    return WhyNot(
        code="worse" if is_worse else "equally_good",
        facts={"score": pair.score},
        loss=loss,
        coverage_loss=coverage_loss,
        moves=change.moved + change.gained + change.lost,
    )


def why_unmatched(pool: Pool, policy: Policy, solution: Solution, mentee_id: Id) -> Unmatched:
    """Say why a mentee has no mentor.

    For "total_first" the fact ``loss`` tells exactly what the total would lose if this mentee were
    covered too; that solves once more. Raises UnknownId where the mentee is not unmatched.
    """
    found = {one.mentee_id: one for one in solution.unmatched}.get(mentee_id)
    if found is None:
        raise UnknownId("These mentees are not among the unmatched:", [mentee_id])
    if found.code != "total_first":
        return found
    request = replace(request_of(solution), covered=(mentee_id,))
    covered = solve_request(pool, policy, request)
    return replace(found, facts={"loss": solution.total - covered.total})


def compare(before: Solution, after: Solution) -> Comparison:
    """Return what changes from one solution to another; O(pairs).

    ``moved`` mentees change a mentor, ``gained`` have one more, ``lost`` one fewer; they may have
    several.
    """
    return _compared(before.pairs, after.pairs)


def compare_by_group(
    before: Solution, after: Solution, group_of: Mapping[Id, str]
) -> dict[str, Comparison]:
    """Return what changes for the mentees of each group; those in no group are left out.

    O(pairs). Groups are sorted by name and hold only mentees with a pair before or after.
    """
    sides: dict[str, tuple[list[Pair], list[Pair]]] = {}
    for side, solution in enumerate((before, after)):
        for pair in solution.pairs:
            if pair.mentee_id in group_of:
                sides.setdefault(group_of[pair.mentee_id], ([], []))[side].append(pair)
    return {group: _compared(*sides[group]) for group in sorted(sides)}


def _compared(before: Sequence[Pair], after: Sequence[Pair]) -> Comparison:
    old, new = _mentors(before), _mentors(after)
    moves = [
        Move(mentee, left, joined)
        for mentee in [*old, *(mentee for mentee in new if mentee not in old)]
        for left, joined in zip_longest(
            [one for one in old.get(mentee, {}) if one not in new.get(mentee, {})],
            [one for one in new.get(mentee, {}) if one not in old.get(mentee, {})],
        )
    ]
    worst = [min((pair.score for pair in pairs), default=None) for pairs in (after, before)]
    return Comparison(
        same=len({pair.ids for pair in before} & {pair.ids for pair in after}),
        moved=tuple(m for m in moves if m.before is not None and m.after is not None),
        gained=tuple(m for m in moves if m.before is None),
        lost=tuple(m for m in moves if m.after is None),
        total_change=sum(pair.score for pair in after) - sum(pair.score for pair in before),
        worst_change=None if worst[0] is None or worst[1] is None else worst[0] - worst[1],
        coverage_change=len(new) - len(old),
    )


def _mentors(pairs: Sequence[Pair]) -> dict[Id, dict[Id, None]]:
    """Return the mentors of each mentee, in the order of the pairs."""
    found: dict[Id, dict[Id, None]] = {}
    for pair in pairs:
        found.setdefault(pair.mentee_id, {})[pair.mentor_id] = None
    return found
