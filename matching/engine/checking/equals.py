"""Check pairs of equals: rules and scores in both directions, and the bound by its prices."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from matching.engine.checking.pairs import Two, broken_rules
from matching.engine.checking.scores import PairScores
from matching.engine.model import Policy, Pool
from matching.engine.results import Certificate, Violation

if TYPE_CHECKING:
    from matching.engine.peers import PeerPair, PeersSolution

PRICED_IN_FULL = 50
SAMPLE = 2_500


def check_peers(pool: Pool, policy: Policy, solution: PeersSolution) -> list[Violation]:
    """Return everything that is wrong with pairs of equals; an empty list is a clean bill.

    Looks at ids, that everybody has one place, rules and overrides, scores and contributions in
    both directions, the minimum fit, and that the total keeps below the bound; the bound is looked
    at by the prices behind it, over all pairs of up to 50 people or over a sample. That pairs said
    to be exact are best rests on the algorithm, which checks its own dual. Plain loops; no code of
    scoring or solver.
    """
    found = list(_places(pool, solution))
    if found:
        return found
    scores = PairScores(pool, policy)
    for pair in (*solution.pairs, *solution.held):
        found += _pair(pool, policy, scores, pair)
    for pair in solution.pairs:
        if pair.score < 2 * solution.minimum_fit and not pair.locked:
            found.append(Violation("below_bound", pair.one_id, pair.other_id))
    if solution.total > solution.bound or len(solution.pairs) > solution.most_pairs:
        facts = {"total": solution.total, "bound": solution.bound}
        found.append(Violation("above_the_bound", facts=facts))
    if not solution.is_exact:
        found += _bound(pool, policy, scores, solution)
    return found


def _places(pool: Pool, solution: PeersSolution) -> Iterator[Violation]:
    ids = pool.mentees.id
    for pair in (*solution.pairs, *solution.held):
        rows = {pair.one, pair.other}
        are_two = len(rows) == 2 and rows <= set(range(len(ids)))
        if not are_two or (ids[pair.one], ids[pair.other]) != pair.ids:
            yield Violation("wrong_ids", pair.one_id, pair.other_id)
    paired = Counter(one for pair in solution.pairs for one in pair.ids)
    left = Counter(one.id for one in solution.left_over)
    for identifier in ids:
        if paired[identifier] + left[identifier] != 1:
            times = paired[identifier] + left[identifier]
            yield Violation("not_placed_once", identifier, facts={"times": times})
    held = Counter(one for pair in solution.held for one in pair.ids)
    for identifier, times in held.items():
        if times > 1 or not left[identifier]:
            yield Violation("held_but_paired", identifier)


def _both(pool: Pool, pair: PeerPair) -> tuple[Two, Two]:
    return Two(pool, pair.one, pair.other), Two(pool, pair.other, pair.one)


def _pair(pool: Pool, policy: Policy, scores: PairScores, pair: PeerPair) -> Iterator[Violation]:
    there, back = _both(pool, pair)
    for key in {*broken_rules(pool, policy, there), *broken_rules(pool, policy, back)}:
        yield Violation("rule", pair.one_id, pair.other_id, {"rule": key})
    ways = zip(scores.contributions(there), scores.contributions(back), strict=True)
    earned = tuple(first + second for first, second in ways)
    if pair.score != sum(earned):
        facts = {"score": pair.score, "expected": sum(earned)}
        yield Violation("wrong_score", pair.one_id, pair.other_id, facts)
    if pair.contributions != earned:
        yield Violation("wrong_contributions", pair.one_id, pair.other_id)


def _bound(
    pool: Pool, policy: Policy, scores: PairScores, solution: PeersSolution
) -> Iterator[Violation]:
    """Check weak duality: no pair earns more than its prices, and half of them all is the bound."""
    proof = solution.certificate
    if proof is None:
        yield Violation("not_proved")
        return
    dual = sum(proof.mentee_prices) + sum(proof.mentor_prices)
    locked = sum(pair.score for pair in solution.pairs if pair.locked)
    if dual // proof.score_factor // 2 + locked > solution.bound:
        yield Violation("not_proved", facts={"dual": dual, "bound": solution.bound})
    if min((*proof.mentee_prices, *proof.mentor_prices), default=0) < 0:
        yield Violation("price_below_zero")
    for one, other in _some_pairs(len(solution.priced)):
        rows = solution.priced[one], solution.priced[other]
        ways = Two(pool, *rows), Two(pool, *reversed(rows))
        score = sum(scores.score(two) for two in ways)
        if score < 2 * solution.minimum_fit or any(broken_rules(pool, policy, two) for two in ways):
            continue
        profit = score * proof.score_factor + proof.pair_bonus
        if min(_price(proof, one, other), _price(proof, other, one)) < profit:
            ids = pool.mentees.id[rows[0]], pool.mentees.id[rows[1]]
            yield Violation("pair_worth_more_than_prices", *ids)


def _price(proof: Certificate, one: int, other: int) -> int:
    return proof.mentee_prices[one] + proof.mentor_prices[other]


def _some_pairs(people: int) -> Iterator[tuple[int, int]]:
    if people <= PRICED_IN_FULL:
        yield from combinations(range(people), 2)
        return
    draw = random.Random(people)  # noqa: S311 - a sample, the same each time
    for _ in range(SAMPLE):
        one, other = draw.sample(range(people), 2)
        yield one, other
