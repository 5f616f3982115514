"""Every answer on small pools is the one that trying everything finds, and the checker agrees."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import check, score_pool, solve, solve_scores
from tests.matching.engine.oracle import best, cases, matrices

QUICK = settings(max_examples=150)
POOLS = settings(max_examples=40)


def figures(solution) -> tuple[int, int, int | None]:
    return solution.coverage, solution.total, solution.worst


@QUICK
@given(matrices(), st.sampled_from(["coverage", "total"]))
def test_solve_scores_on_small_matrices_equals_trying_everything(case, objective):
    scores, seats = case
    solution = solve_scores(scores, capacity=seats, objective=objective)
    assert figures(solution)[:2] == best(scores, seats, objective)[:2]
    assert solution.certificate.proved


@QUICK
@given(matrices())
def test_solve_scores_with_floor_has_the_highest_worst_score(case):
    scores, seats = case
    solution = solve_scores(scores, capacity=seats, floor=True)
    assert figures(solution) == best(scores, seats, "coverage", floor=True)
    assert solution.floor == (solution.worst or 0)


@POOLS
@given(cases())
def test_solve_on_small_pools_equals_trying_everything_and_passes_the_check(case):
    pool, policy = case
    solution = solve(pool, policy)
    scores = score_pool(pool, policy).matrix()
    scores[scores < policy.minimum_fit] = -1
    scores[np.array(pool.mentees.capacity) == 0] = -1
    expected = best(scores.tolist(), pool.mentors.capacity, policy.objective)
    assert figures(solution)[:2] == expected[:2]
    assert check(pool, policy, solution) == []


@POOLS
@given(cases())
def test_solve_with_floor_passes_the_check(case):
    pool, policy = case
    solution = solve(pool, policy, objective="coverage", floor=True)
    plain = solve(pool, policy, objective="coverage")
    assert check(pool, policy, solution) == []
    assert solution.coverage == plain.coverage
    assert (solution.worst or 0) >= (plain.worst or 0)


@POOLS
@given(cases())
def test_contributions_of_every_pair_sum_to_its_score(case):
    pool, policy = case
    scored = score_pool(pool, policy)
    rows, cols = (axis.ravel() for axis in np.indices(scored.shape))
    contributions = scored.contributions(rows, cols)
    assert contributions.min() >= 0
    assert (contributions.sum(axis=1) == scored.scores(rows, cols)).all()
    assert (scored.judged(rows, cols).reshape(scored.shape) == scored.matrix()).all()
