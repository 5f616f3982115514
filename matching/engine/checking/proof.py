"""Check the proof of a solution: sums in full, and pairs one by one, all of them or a sample."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import product

from matching.engine.checking.pairs import Two, broken_rules
from matching.engine.checking.scores import PairScores
from matching.engine.model import Policy, Pool
from matching.engine.results import Certificate, Pair, Solution, Violation

SAMPLE = 2_500


def check_proof(
    pool: Pool, policy: Policy, solution: Solution, scores: PairScores, *, sample: int | None
) -> Iterator[Violation]:
    """Check that no other pairs could earn more: weak duality.

    The sums take O(M + N + pairs). That no pair earns more than its two prices is looked at pair by
    pair: for all of them, or for a ``sample`` drawn from all.
    """
    proof = solution.certificate
    earned = _earned(pool, solution)
    if earned + proof.rewards != proof.primal:
        yield Violation("wrong_primal", facts={"earned": earned, "primal": proof.primal})
    dual = _allowed(pool, solution)
    if dual != proof.primal or proof.dual != dual:
        yield Violation("not_proved", facts={"primal": proof.primal, "dual": dual})
    if min((*proof.mentee_prices, *proof.mentor_prices), default=0) < 0:
        yield Violation("price_below_zero")
    if solution.objective == "leximin":
        yield from _ladder(pool, solution)
    chosen = {(pair.mentee, pair.mentor) for pair in solution.pairs}
    for mentee, mentor in _open_pairs(pool, solution, sample):
        if (mentee, mentor) not in chosen:
            yield from _price(policy, solution, scores, Two(pool, mentee, mentor))


def _locked(solution: Solution) -> tuple[Counter[int], Counter[int]]:
    """Count the locked pairs of each mentee and each mentor."""
    locked = [pair for pair in solution.pairs if pair.locked]
    return Counter(pair.mentee for pair in locked), Counter(pair.mentor for pair in locked)


def _earned(pool: Pool, solution: Solution) -> int:
    """Return what the free pairs earn: scores, a bonus for first mentors, less uneven load."""
    proof = solution.certificate
    free = [pair for pair in solution.pairs if not pair.locked]
    had, taken = _locked(solution)
    first = {pair.mentee for pair in free} - set(had)
    if proof.levels:
        return sum(_worth(proof, pair.score) for pair in free)
    earned = sum(pair.score for pair in free) * proof.score_factor
    earned += len(first) * proof.pair_bonus
    load = Counter(pair.mentor for pair in free)
    for mentor, count in load.items():
        places = range(taken[mentor], taken[mentor] + count)
        earned -= proof.balance * proof.score_factor * sum(places)
    return earned


def _allowed(pool: Pool, solution: Solution) -> int:
    """Return what the prices allow at most."""
    proof = solution.certificate
    had, taken = _locked(solution)
    allowed = 0
    for mentee, wanted in enumerate(pool.mentees.capacity):
        price, slots = proof.mentee_prices[mentee], wanted - had[mentee]
        first = 1 if slots > 0 and not had[mentee] else 0
        allowed += first * price + max(slots - first, 0) * max(price - proof.pair_bonus, 0)
    step = proof.balance * proof.score_factor
    for mentor, seats in enumerate(pool.mentors.capacity):
        price = proof.mentor_prices[mentor]
        if not step:
            allowed += price * (seats - taken[mentor])
        elif price:
            allowed += sum(max(price - step * k, 0) for k in range(taken[mentor], seats))
    several = (pair for pair in solution.pairs if pool.mentees.capacity[pair.mentee] > 1)
    return allowed + sum(_surplus(proof, pair) for pair in several if not pair.locked)


def _surplus(proof: Certificate, pair: Pair) -> int:
    """Return what a chosen pair earns beyond its prices: a mentor is had only once."""
    prices = proof.mentee_prices[pair.mentee] + proof.mentor_prices[pair.mentor]
    return max(pair.score * proof.score_factor + proof.pair_bonus - prices, 0)


def _worth(proof: Certificate, score: int) -> int:
    """Return what a mentee's first pair earns by its score, as the certificate says."""
    if not proof.levels:
        return score * proof.score_factor + proof.pair_bonus
    above = sum(1 for level in proof.levels if level > score)
    if score > proof.levels[-1]:
        return proof.pair_bonus
    place = 2 * above if score in proof.levels else 2 * above - 1
    return proof.pair_bonus - 2 ** (16 * place)


def _ladder(pool: Pool, solution: Solution) -> Iterator[Violation]:
    """Check that the levels are the scores of the pairs, and that each outweighs all above it."""
    levels = solution.certificate.levels
    scores = sorted({pair.score for pair in solution.pairs if not pair.locked})
    if list(levels) != scores:
        yield Violation("wrong_levels", facts={"levels": len(levels), "scores": len(scores)})
    places = min(len(pool.mentees), sum(pool.mentors.capacity))
    dearest = 2 ** (16 * (2 * len(levels) - 1)) if levels else 0
    if places >= 2**16 - 1 or solution.certificate.pair_bonus <= places * dearest:
        yield Violation("wrong_levels", facts={"places": places})


def _open_pairs(pool: Pool, solution: Solution, sample: int | None) -> Iterator[tuple[int, int]]:
    had, taken = _locked(solution)
    mentees = [m for m, wanted in enumerate(pool.mentees.capacity) if wanted > had[m]]
    mentors = [m for m, seats in enumerate(pool.mentors.capacity) if seats > taken[m]]
    if sample is None:
        yield from product(mentees, mentors)
    elif mentees and mentors:
        draw = random.Random(len(mentees))  # noqa: S311 - a sample, the same each time
        for _ in range(sample):
            yield draw.choice(mentees), draw.choice(mentors)


def _price(policy: Policy, solution: Solution, scores: PairScores, two: Two) -> Iterator[Violation]:
    proof, score = solution.certificate, scores.score(two)
    if score < max(solution.minimum_fit, solution.floor or 0) or broken_rules(
        two.pool, policy, two
    ):
        return
    profit = _worth(proof, score)
    if proof.mentee_prices[two.left] + proof.mentor_prices[two.right] < profit:
        ids = two.pool.mentees.id[two.left], two.pool.mentors.id[two.right]
        yield Violation("pair_worth_more_than_prices", *ids, {"profit": profit})
