"""Check a solution as somebody who trusts nobody would: pair by pair, then the proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from matching.engine.checking.pairs import Two, broken_rules
from matching.engine.checking.proof import SAMPLE, check_proof
from matching.engine.checking.scores import PairScores
from matching.engine.model import Policy, Pool
from matching.engine.results import Pair, Solution, Violation

PROOF_CELLS = 2_500


def check(
    pool: Pool,
    policy: Policy,
    solution: Solution,
    *,
    proof: bool | None = None,
    sample: int = SAMPLE,
) -> list[Violation]:
    """Return everything that is wrong with a solution; an empty list is a clean bill.

    Looks at ids, rules, overrides, seats, minimum fit, floor, scores, contributions, load and that
    every mentee is either paired, with as many mentors as they want at most, or named as unmatched.
    The certificate's sums are checked always; that no pair earns more than its prices, over all
    M * N pairs with ``proof`` (by default where those are at most 2,500), else over a ``sample``;
    ``proof=False`` leaves the certificate out. O(pairs * (criteria + rules)). Plain loops, no
    matrix; no code of scoring or solver.
    """
    scores = PairScores(pool, policy)
    found = list(_people(pool, solution))
    if found:
        return found
    for pair in solution.pairs:
        found += _pair(pool, policy, solution, scores, pair)
    left_out = {one.mentee_id for one in solution.unmatched}
    for pair in solution.held:
        found += _figures(pool, policy, scores, pair, Two(pool, pair.mentee, pair.mentor))
        if pair.mentee_id not in left_out:
            found.append(Violation("held_but_paired", pair.mentee_id, pair.mentor_id))
    found += _seats(pool, solution)
    cells = len(pool.mentees) * len(pool.mentors)
    in_full = cells <= PROOF_CELLS if proof is None else proof
    if proof is not False:
        found += check_proof(pool, policy, solution, scores, sample=None if in_full else sample)
    return found


def _people(pool: Pool, solution: Solution) -> Iterator[Violation]:
    """Check that rows and ids belong together and that everybody has one place."""
    for pair in (*solution.pairs, *solution.held):
        rows = pair.mentee in range(len(pool.mentees)) and pair.mentor in range(len(pool.mentors))
        if not rows or (pool.mentees.id[pair.mentee], pool.mentors.id[pair.mentor]) != pair.ids:
            yield Violation("wrong_ids", pair.mentee_id, pair.mentor_id)
    paired = Counter(pair.mentee_id for pair in solution.pairs)
    left = Counter(one.mentee_id for one in solution.unmatched)
    for mentee, wanted in zip(pool.mentees.id, pool.mentees.capacity, strict=True):
        times = paired[mentee] + left[mentee]
        if times != 1 and not (left[mentee] == 0 and 1 <= times <= wanted):
            yield Violation("not_placed_once", mentee, facts={"times": times})
    for ids, times in Counter(pair.ids for pair in solution.pairs).items():
        if times > 1:
            yield Violation("pair_twice", *ids, {"times": times})


def _pair(
    pool: Pool, policy: Policy, solution: Solution, scores: PairScores, pair: Pair
) -> Iterator[Violation]:
    two = Two(pool, pair.mentee, pair.mentor)
    yield from _figures(pool, policy, scores, pair, two)
    bound = max(solution.minimum_fit, solution.floor or 0)
    if pair.score < bound and not pair.locked:
        facts = {"score": pair.score, "bound": bound}
        yield Violation("below_bound", pair.mentee_id, pair.mentor_id, facts)
    if not pool.mentees.capacity[pair.mentee]:
        yield Violation("takes_no_part", pair.mentee_id, pair.mentor_id)


def _figures(
    pool: Pool, policy: Policy, scores: PairScores, pair: Pair, two: Two
) -> Iterator[Violation]:
    for key in broken_rules(pool, policy, two):
        yield Violation("rule", pair.mentee_id, pair.mentor_id, {"rule": key})
    contributions = scores.contributions(two)
    expected = sum(contributions)
    if pair.score != expected:
        facts = {"score": pair.score, "expected": expected}
        yield Violation("wrong_score", pair.mentee_id, pair.mentor_id, facts)
    if pair.contributions != contributions:
        yield Violation("wrong_contributions", pair.mentee_id, pair.mentor_id)


def _seats(pool: Pool, solution: Solution) -> Iterator[Violation]:
    paired = Counter(pair.mentor_id for pair in solution.pairs)
    held = Counter(pair.mentor_id for pair in solution.held)
    rows = zip(pool.mentors.id, pool.mentors.capacity, solution.load, strict=True)
    for mentor, capacity, load in rows:
        if paired[mentor] != load:
            yield Violation("wrong_load", None, mentor, {"load": load, "pairs": paired[mentor]})
        if paired[mentor] + held[mentor] > capacity:
            yield Violation("over_capacity", None, mentor, {"capacity": capacity})
