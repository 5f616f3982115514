"""Leximin: the highest worst score, then the highest second worst, and so on, with its proof."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import (
    Chains,
    Criterion,
    InvalidPolicy,
    NoPrices,
    People,
    Person,
    Policy,
    Pool,
    TooManyForLeximin,
    check,
    score_pool,
    solve,
    solve_scores,
    why_not,
)
from tests.matching.engine.oracle import assignments, cases, matrices

QUICK = settings(max_examples=200)
POOLS = settings(max_examples=60)


def fairest(scores, seats) -> list[int]:
    """Return the scores of the fairest answer, rising, by trying everything."""
    every = (sorted(chosen) for chosen in assignments(scores, seats))
    return max(every, key=lambda scores: (len(scores), scores))


def scores_of(solution) -> list[int]:
    return sorted(pair.score for pair in solution.pairs)


@QUICK
@given(matrices())
def test_leximin_on_small_matrices_equals_trying_everything(case):
    scores, seats = case
    solution = solve_scores(scores, capacity=seats, objective="leximin")
    assert scores_of(solution) == fairest(scores, seats)
    assert solution.certificate.proved


@POOLS
@given(cases())
def test_leximin_on_small_pools_equals_trying_everything_and_passes_the_check(case):
    pool, policy = case
    policy = replace(policy, objective="leximin")
    solution = solve(pool, policy)
    scores = score_pool(pool, policy).matrix()
    scores[scores < policy.minimum_fit] = -1
    scores[np.array(pool.mentees.capacity) == 0] = -1
    assert scores_of(solution) == fairest(scores.tolist(), pool.mentors.capacity)
    assert check(pool, policy, solution) == []


@POOLS
@given(cases())
def test_leximin_with_a_chosen_pair_locked_stays_as_it_is(case):
    pool, policy = case
    policy = replace(policy, objective="leximin")
    solution = solve(pool, policy)
    again = solve(pool, policy, locked=[pair.ids for pair in solution.pairs[:1]])
    assert scores_of(again) == scores_of(solution)
    assert check(pool, policy, again) == []


@QUICK
@given(matrices(), st.sampled_from([0, 50_000]))
def test_leximin_with_balance_has_the_same_scores_and_no_more_uneven_load(case, balance):
    scores, seats = case
    plain = solve_scores(scores, capacity=seats, objective="leximin")
    even = solve_scores(scores, capacity=seats, objective="leximin", balance=balance)
    assert scores_of(even) == scores_of(plain)
    if balance:
        assert sum(n * n for n in even.load) <= sum(n * n for n in plain.load)


def test_leximin_gives_up_total_for_the_second_worst_pair():
    scores = [[50, 90, 40], [90, 50, 60], [10, 10, 10]]
    floor = solve_scores(scores, capacity=1, floor=True)
    fair = solve_scores([[90, 60], [50, 45]], capacity=1, objective="leximin")
    assert (floor.worst, floor.total) == (10, 190)
    assert scores_of(fair) == [50, 60]
    assert solve_scores([[90, 60], [50, 45]], capacity=1).total == 135


def rough(kind: str, n: int) -> np.ndarray:
    rng = np.random.default_rng(3)
    if kind == "6 levels":
        return rng.integers(0, 6, (n, n)) * 200_000
    if kind == "all different":
        return rng.permutation(n * n).reshape(n, n)
    if kind == "identical":
        return np.full((n, n), 500_000)
    return np.where(rng.random((n, n)) < 0.1, rng.integers(0, 50, (n, n)), -1)


@pytest.mark.parametrize("kind", ["6 levels", "all different", "identical", "few allowed"])
def test_leximin_of_many_is_proved_by_its_prices_alone(kind):
    scores = rough(kind, 60)
    capacity = [1 + k % 2 for k in range(60)]
    solution = solve_scores(scores, capacity=capacity, objective="leximin")
    proof = solution.certificate
    levels = sorted({pair.score for pair in solution.pairs})
    earned = {
        int(score): proof.pair_bonus - cost_of(int(score), levels) for score in np.unique(scores)
    }
    assert sum(earned[pair.score] for pair in solution.pairs) == proof.primal
    assert proof.dual == sum(proof.mentee_prices) + sum(
        price * seats for price, seats in zip(proof.mentor_prices, capacity, strict=True)
    )
    assert proof.primal == proof.dual
    assert min(*proof.mentee_prices, *proof.mentor_prices) >= 0
    for row, col in zip(*np.nonzero(scores >= 0), strict=True):
        prices = proof.mentee_prices[row] + proof.mentor_prices[col]
        assert prices >= earned[int(scores[row, col])]


def cost_of(score: int, levels: list[int]) -> int:
    above = [level for level in levels if level > score]
    if score in levels:
        return 65_536 ** (2 * len(above))
    return 65_536 ** (2 * len(above) - 1) if above else 0


def test_leximin_of_people_in_another_order_gives_the_same_pairs():
    scores = rough("6 levels", 40)
    one = solve_scores(scores, capacity=1, objective="leximin")
    rng = np.random.default_rng(1)
    rows, cols = rng.permutation(40), rng.permutation(40)
    other = solve_scores(
        scores[np.ix_(rows, cols)],
        capacity=1,
        objective="leximin",
        mentee_ids=rows.tolist(),
        mentor_ids=cols.tolist(),
    )
    assert other.mentor_of == one.mentor_of


def test_leximin_keeps_standing_pairs_among_equals_only():
    pool = Pool(
        mentees=People.of(Person(id=f"e{k}", level=0) for k in range(4)),
        mentors=People.of(Person(id=f"o{k}", level=k % 2) for k in range(4)),
    )
    policy = Policy(
        criteria=(Criterion("seniority", 1, {"table": {"0": 0.5, "1": 1.0}}),), objective="leximin"
    )
    standing = [(f"e{k}", f"o{3 - k}") for k in range(4)]
    again = solve(pool, policy, previous=standing)
    assert again.mentor_of == dict(standing)
    assert scores_of(again) == [500_000, 500_000, 1_000_000, 1_000_000]


def test_leximin_certificate_with_other_levels_or_prices_fails_the_check():
    pool = Pool(
        mentees=People.of(Person(id=f"e{k}", level=k % 3) for k in range(6)),
        mentors=People.of(Person(id=f"o{k}", level=k % 4) for k in range(6)),
    )
    policy = Policy(criteria=(Criterion("seniority", 1),), objective="leximin")
    solution = solve(pool, policy)
    assert check(pool, policy, solution) == []
    proof = solution.certificate
    for broken in (
        replace(proof, levels=proof.levels[1:]),
        replace(proof, mentor_prices=(0,) * 6),
        replace(proof, pair_bonus=1),
    ):
        assert check(pool, policy, replace(solution, certificate=broken))


def test_leximin_for_too_many_people_is_refused_by_name():
    scores = np.zeros((2_001, 2_000), dtype=np.int64)
    with pytest.raises(TooManyForLeximin, match="4,002,000"):
        solve_scores(scores, capacity=1, objective="leximin")


def test_leximin_with_several_mentors_for_a_mentee_is_refused():
    with pytest.raises(InvalidPolicy, match="one mentor"):
        solve_scores([[1, 2]], capacity=1, mentors_wanted=[2], objective="leximin")


def test_leximin_takes_no_chains_and_tells_why_not_by_solving_again():
    pool = Pool(
        mentees=People.of(Person(id=f"e{k}", level=k) for k in range(2)),
        mentors=People.of(Person(id=f"o{k}", level=k + 1) for k in range(2)),
    )
    policy = Policy(
        criteria=(Criterion("seniority", 1, {"table": {"0": 0.2, "1": 0.9, "2": 0.6}}),),
        objective="leximin",
    )
    solution = solve(pool, policy)
    assert solution.mentor_of == {"e0": "o0", "e1": "o1"}
    with pytest.raises(NoPrices):
        Chains(pool, policy, solution)
    answer = why_not(pool, policy, solution, "e0", "o1")
    assert (answer.code, answer.loss, len(answer.moves)) == ("worse", 1_000_000, 2)
