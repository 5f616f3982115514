"""Problems whose optimum is known from elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matching.engine import check, solve, solve_scores
from tests.matching.engine.civil_service import POINTS, POLICY, read_pool

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(("name", "minimum"), [("assign100", 305), ("assign200", 475)])
def test_or_library_dense_problem_reaches_its_minimum(name, minimum):
    n, *numbers = map(int, (DATA / f"{name}.txt").read_text().split())
    costs = np.array(numbers).reshape(n, n)
    solution = solve_scores(100 - costs, capacity=1)
    assert solution.coverage == n
    assert 100 * n - solution.total == minimum
    assert solution.certificate.proved


def test_or_library_sparse_problem_reaches_its_minimum():
    n, *numbers = map(int, (DATA / "assignp800.txt").read_text().split())
    listed = np.array(numbers).reshape(-1, 3)
    scores = np.full((n, n), -1)
    scores[listed[:, 0] - 1, listed[:, 1] - 1] = 100 - listed[:, 2]
    solution = solve_scores(scores, capacity=1)
    assert solution.coverage == 800
    assert 100 * n - solution.total == 2239
    assert solution.certificate.proved


@pytest.mark.parametrize("n", [1, 2, 7, 40, 150])
def test_machol_wien_matrix_reaches_its_minimum(n):
    costs = np.outer(np.arange(1, n + 1), np.arange(1, n + 1))
    solution = solve_scores(n * n - costs, capacity=1)
    assert n**3 - solution.total == n * (n + 1) * (n + 2) // 6
    assert solution.certificate.proved


def test_planted_optimum_is_found_among_capacities():
    rng = np.random.default_rng(3)
    capacity = rng.integers(0, 4, 60)
    mentor_of = rng.permutation(np.repeat(np.arange(60), capacity))
    mentees = len(mentor_of)
    mentee_price, mentor_price = rng.integers(1, 500, mentees), rng.integers(0, 500, 60)
    ceiling = mentee_price[:, None] + mentor_price[None, :]
    scores = np.maximum(ceiling - rng.integers(1, 300, ceiling.shape), 0)
    rows = np.arange(mentees)
    scores[rows, mentor_of] = ceiling[rows, mentor_of]
    solution = solve_scores(scores, capacity=capacity.tolist())
    assert [pair.mentor for pair in solution.pairs] == mentor_of.tolist()
    assert solution.total == mentee_price.sum() + (capacity * mentor_price).sum()


@pytest.mark.parametrize(
    ("objective", "points", "pairs"), [("total", 11_488, 483), ("coverage", 11_480, 484)]
)
def test_civil_service_pool_reaches_the_known_optimum(objective, points, pairs):
    pool = read_pool()
    solution = solve(pool, POLICY, objective=objective)
    assert (round(solution.total * POINTS / 1_000_000), solution.coverage) == (points, pairs)
    assert solution.certificate.proved
    assert check(pool, POLICY, solution) == []
    assert len(solution.unmatched) == 500 - pairs


def test_civil_service_pool_has_a_floor_at_no_loss_of_coverage():
    solution = solve(read_pool(), POLICY, floor=True)
    assert (solution.coverage, solution.floor, solution.worst) == (484, 642_857, 642_857)
