"""Check a solution as somebody who trusts nobody would: pair by pair, then the proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from matching.engine.checking.pairs import Two, broken_rules
from matching.engine.checking.scores import PairScores
from matching.engine.model import Policy, Pool
from matching.engine.results import Pair, Solution, Violation

PROOF_CELLS = 2_500


def check(
    pool: Pool, policy: Policy, solution: Solution, *, proof: bool | None = None
) -> list[Violation]:
    """Return everything that is wrong with a solution; an empty list is a clean bill.

    Looks at ids, rules, overrides, seats, minimum fit, floor, scores, contributions, load and that
    every mentee is either paired or named as unmatched. ``proof`` also checks the certificate over
    all M * N pairs in Python, by default where those are at most 2,500. Otherwise O(pairs *
    (criteria + rules)). Plain loops; no code of scoring or solver.
    """
    scores = PairScores(pool, policy)
    found = list(_people(pool, solution))
    if found:
        return found
    for pair in solution.pairs:
        found += _pair(pool, policy, solution, scores, pair)
    for pair in solution.held:
        found += _held(pool, policy, solution, scores, pair)
    found += _seats(pool, solution)
    cells = len(pool.mentees) * len(pool.mentors)
    if cells <= PROOF_CELLS if proof is None else proof:
        found += _proof(pool, policy, solution, scores)
    return found


def _people(pool: Pool, solution: Solution) -> Iterator[Violation]:
    """Check that rows and ids belong together and that everybody has one place."""
    for pair in (*solution.pairs, *solution.held):
        rows = pair.mentee in range(len(pool.mentees)) and pair.mentor in range(len(pool.mentors))
        if not rows or (pool.mentees.id[pair.mentee], pool.mentors.id[pair.mentor]) != pair.ids:
            yield Violation("wrong_ids", pair.mentee_id, pair.mentor_id)
    placed = Counter([pair.mentee_id for pair in solution.pairs])
    placed.update(one.mentee_id for one in solution.unmatched)
    for mentee in pool.mentees.id:
        if placed[mentee] != 1:
            yield Violation("not_placed_once", mentee, facts={"times": placed[mentee]})


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


def _held(
    pool: Pool, policy: Policy, solution: Solution, scores: PairScores, pair: Pair
) -> Iterator[Violation]:
    yield from _figures(pool, policy, scores, pair, Two(pool, pair.mentee, pair.mentor))
    if pair.mentee_id not in {one.mentee_id for one in solution.unmatched}:
        yield Violation("held_but_paired", pair.mentee_id, pair.mentor_id)


def _figures(
    pool: Pool, policy: Policy, scores: PairScores, pair: Pair, two: Two
) -> Iterator[Violation]:
    for key in broken_rules(pool, policy, two):
        yield Violation("rule", pair.mentee_id, pair.mentor_id, {"rule": key})
    expected = scores.score(two)
    if pair.score != expected:
        facts = {"score": pair.score, "expected": expected}
        yield Violation("wrong_score", pair.mentee_id, pair.mentor_id, facts)
    if pair.contributions != scores.contributions(two):
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


def _proof(
    pool: Pool, policy: Policy, solution: Solution, scores: PairScores
) -> Iterator[Violation]:
    """Check that no other pairs could earn more: weak duality, pair by pair."""
    proof = solution.certificate
    locked = [pair for pair in solution.pairs if pair.locked]
    free = [pair for pair in solution.pairs if not pair.locked]
    earned = sum(pair.score * proof.score_factor + proof.pair_bonus for pair in free)
    if earned + proof.rewards != proof.primal:
        yield Violation("wrong_primal", facts={"earned": earned, "primal": proof.primal})
    used = Counter(pair.mentor for pair in locked)
    seats = [capacity - used[mentor] for mentor, capacity in enumerate(pool.mentors.capacity)]
    dual = sum(proof.mentee_prices)
    dual += sum(price * left for price, left in zip(proof.mentor_prices, seats, strict=True))
    if dual != proof.primal or proof.dual != dual:
        yield Violation("not_proved", facts={"primal": proof.primal, "dual": dual})
    if min((*proof.mentee_prices, *proof.mentor_prices), default=0) < 0:
        yield Violation("price_below_zero")
    away = {pair.mentee for pair in locked}
    mentees = [m for m, wanted in enumerate(pool.mentees.capacity) if wanted and m not in away]
    mentors = [mentor for mentor, left in enumerate(seats) if left > 0]
    for mentee in mentees:
        for mentor in mentors:
            yield from _price(policy, solution, scores, Two(pool, mentee, mentor))


def _price(policy: Policy, solution: Solution, scores: PairScores, two: Two) -> Iterator[Violation]:
    proof, score = solution.certificate, scores.score(two)
    if score < max(solution.minimum_fit, solution.floor or 0) or broken_rules(
        two.pool, policy, two
    ):
        return
    profit = score * proof.score_factor + proof.pair_bonus
    if proof.mentee_prices[two.left] + proof.mentor_prices[two.right] < profit:
        ids = two.pool.mentees.id[two.left], two.pool.mentors.id[two.right]
        yield Violation("pair_worth_more_than_prices", *ids, {"profit": profit})
