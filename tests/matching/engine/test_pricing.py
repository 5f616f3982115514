"""The large solver finds exactly the pairs that the dense one finds, and proves them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import solve_scores
from tests.matching.engine.oracle import best, matrices

DATA = Path(__file__).parent / "data"
QUICK = settings(max_examples=120)


def both(scores, **wishes):
    return [solve_scores(scores, solver=solver, **wishes) for solver in ("dense", "pricing")]


@QUICK
@given(matrices(), st.sampled_from(["coverage", "total"]), st.integers(0, 3))
def test_both_solvers_on_small_matrices_find_the_same_pairs(case, objective, balance):
    scores, seats = case
    dense, priced = both(scores, capacity=seats, objective=objective, balance=balance)
    assert priced.mentor_of == dense.mentor_of
    assert priced.certificate.proved
    if not balance:
        assert (priced.coverage, priced.total) == best(scores, seats, objective)[:2]


def clustered(mentees: int, mentors: int, seed: int) -> np.ndarray:
    """Scores as people give rise to them: groups, some mentors liked by all, some pairs shut."""
    rng = np.random.default_rng(seed)
    left, right = rng.normal(size=(mentees, 8)), rng.normal(size=(mentors, 8))
    liked = rng.random(mentors) * 150_000
    scores = 500_000 + 60_000 * (left @ right.T) + liked[None, :]
    scores = np.clip(np.rint(scores), 0, 1_000_000).astype(np.int64)
    scores[rng.random(scores.shape) < 0.1] = -1
    return scores


def hard(kind: str, n: int) -> np.ndarray:
    rng = np.random.default_rng(7)
    if kind == "identical":
        return np.full((n, n), 500_000)
    if kind == "one wanted by all":
        return np.where(np.arange(n) == 3, 900_000, rng.integers(0, 400_000, (n, n)))
    if kind == "20 types":
        types = rng.integers(0, 100, (20, 20)) * 10_000
        return types[rng.integers(0, 20, n)][:, rng.integers(0, 20, n)]
    if kind == "6 levels":
        return rng.integers(0, 6, (n, n)) * 200_000
    share = {"2 % allowed": 0.02, "0.2 % allowed": 0.002}[kind]
    return np.where(rng.random((n, n)) < share, rng.integers(0, 1_000_000, (n, n)), -1)


@pytest.mark.parametrize(
    ("mentees", "mentors", "capacity"),
    [
        (200, 200, 1),
        (400, 150, 2),
        (300, 300, 2),
        pytest.param(1_000, 1_000, 1, marks=pytest.mark.slow),
        pytest.param(3_000, 1_000, 2, marks=pytest.mark.slow),
        pytest.param(3_000, 3_000, 1, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("objective", ["coverage", "total"])
def test_both_solvers_agree_on_clustered_scores(mentees, mentors, capacity, objective):
    scores = clustered(mentees, mentors, seed=mentees)
    dense, priced = both(scores, capacity=capacity, objective=objective)
    assert priced.mentor_of == dense.mentor_of
    assert (priced.certificate.solver, dense.certificate.solver) == ("pricing", "dense")
    assert priced.certificate.proved


@pytest.mark.parametrize(
    "kind",
    ["identical", "one wanted by all", "20 types", "6 levels", "2 % allowed", "0.2 % allowed"],
)
@pytest.mark.parametrize("n", [300, pytest.param(1_500, marks=pytest.mark.slow)])
def test_both_solvers_agree_on_hard_scores(kind, n):
    scores = hard(kind, n)
    dense, priced = both(scores, capacity=1)
    assert (priced.coverage, priced.total) == (dense.coverage, dense.total)
    assert priced.mentor_of == dense.mentor_of
    assert priced.certificate.proved


def test_products_of_places_fall_back_to_the_dense_solver():
    steps = np.arange(1, 301)
    solution = solve_scores(90_000 - np.outer(steps, steps), capacity=1, solver="pricing")
    assert 300**3 - solution.total == 300 * 301 * 302 // 6
    assert (solution.certificate.solver, solution.certificate.proved) == ("dense", True)


def test_both_solvers_keep_the_load_even_where_it_costs_little():
    scores = clustered(200, 60, seed=4)
    uneven, even = (
        solve_scores(scores, capacity=8, balance=balance, solver="pricing")
        for balance in (0, 20_000)
    )
    dense = solve_scores(scores, capacity=8, balance=20_000, solver="dense")
    assert dense.mentor_of == even.mentor_of
    assert sum(load**2 for load in even.load) < sum(load**2 for load in uneven.load)
    assert even.coverage == uneven.coverage == 200


@QUICK
@given(matrices())
def test_both_solvers_find_the_same_highest_floor(case):
    scores, seats = case
    dense, priced = both(scores, capacity=seats, floor=True)
    assert (priced.floor, priced.mentor_of) == (dense.floor, dense.mentor_of)
    assert (priced.coverage, priced.total, priced.worst) == best(
        scores, seats, "coverage", floor=True
    )


@pytest.mark.parametrize("floor", [True, 480_000])
def test_both_solvers_agree_on_a_floor_under_clustered_scores(floor):
    dense, priced = both(clustered(300, 140, seed=9), capacity=2, floor=floor)
    assert (priced.floor, priced.mentor_of) == (dense.floor, dense.mentor_of)


def best_with_several(scores, seats, wanted):
    """Return coverage and total of the best answer in which mentees may have several mentors."""
    cells = [(i, j) for i, row in enumerate(scores) for j, score in enumerate(row) if score >= 0]
    found = (-1, -1)
    for chosen in range(1 << len(cells)):
        pairs = [cell for place, cell in enumerate(cells) if chosen >> place & 1]
        mentees, mentors = Counter(i for i, _ in pairs), Counter(j for _, j in pairs)
        if any(count > wanted[i] for i, count in mentees.items()):
            continue
        if any(count > seats[j] for j, count in mentors.items()):
            continue
        found = max(found, (len(mentees), sum(scores[i][j] for i, j in pairs)))
    return found


@settings(max_examples=60)
@given(st.data())
def test_mentees_with_several_mentors_get_the_best_and_nobody_twice(data):
    score = st.sampled_from([-1, 1, 2, 7, 250_000])
    scores = data.draw(st.lists(st.lists(score, min_size=3, max_size=3), min_size=3, max_size=3))
    seats = data.draw(st.lists(st.integers(0, 3), min_size=3, max_size=3))
    wanted = data.draw(st.lists(st.integers(0, 3), min_size=3, max_size=3))
    solution = solve_scores(scores, capacity=seats, mentors_wanted=wanted)
    pairs = [pair.ids for pair in solution.pairs]
    covered = len({mentee for mentee, _ in pairs})
    assert len(set(pairs)) == len(pairs)
    assert (covered, solution.total) == best_with_several(scores, seats, wanted)
    assert solution.certificate.proved


def test_shuffled_rows_give_the_same_pairs_by_pricing():
    scores = hard("6 levels", 200)
    one = solve_scores(scores, capacity=1, solver="pricing")
    rng = np.random.default_rng(1)
    rows, cols = rng.permutation(200), rng.permutation(200)
    other = solve_scores(
        scores[np.ix_(rows, cols)],
        capacity=1,
        solver="pricing",
        mentee_ids=rows.tolist(),
        mentor_ids=cols.tolist(),
    )
    assert other.mentor_of == one.mentor_of


@pytest.mark.parametrize(("name", "minimum"), [("assign100", 305), ("assign200", 475)])
def test_or_library_problem_reaches_its_minimum_by_pricing(name, minimum):
    n, *numbers = map(int, (DATA / f"{name}.txt").read_text().split())
    dense, priced = both(100 - np.array(numbers).reshape(n, n), capacity=1)
    assert 100 * n - priced.total == minimum
    assert priced.mentor_of == dense.mentor_of


def test_or_library_sparse_problem_reaches_its_minimum_by_pricing():
    n, *numbers = map(int, (DATA / "assignp800.txt").read_text().split())
    listed = np.array(numbers).reshape(-1, 3)
    scores = np.full((n, n), -1)
    scores[listed[:, 0] - 1, listed[:, 1] - 1] = 100 - listed[:, 2]
    dense, priced = both(scores, capacity=1)
    assert (priced.coverage, 100 * n - priced.total) == (800, 2239)
    assert priced.mentor_of == dense.mentor_of


@pytest.mark.slow
def test_planted_optimum_among_5000_is_found_by_pricing():
    rng = np.random.default_rng(5)
    n = 5_000
    mentor_of = rng.permutation(n)
    mentee_price, mentor_price = rng.integers(300_000, 600_000, n), rng.integers(1, 200_000, n)
    scores = mentee_price[:, None] + mentor_price[None, :]
    scores -= rng.integers(1, 300_000, scores.shape)
    np.maximum(scores, 0, out=scores)
    scores[np.arange(n), mentor_of] = mentee_price + mentor_price[mentor_of]
    solution = solve_scores(scores, capacity=1)
    assert [pair.mentor for pair in solution.pairs] == mentor_of.tolist()
    assert (solution.certificate.solver, solution.certificate.proved) == ("pricing", True)
