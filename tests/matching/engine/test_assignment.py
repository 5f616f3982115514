"""The parts of the solver: failing proofs are refused, products agree, floors close in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matching.engine import InvalidScores, NotProved, explain_pairs, solve_scores
from matching.engine.assignment import Assigned, highest_floor, most_pairs, prices, prove
from matching.engine.columns import equal_codes, hour_mask
from tests.matching.engine.civil_service import POLICY, read_pool

PROFIT = np.array([[5, 1], [4, 3]])
SEATS = np.array([1, 1])
BEST = Assigned(np.array([0, 1]), np.array([3, 2]), np.array([2, 1]), passes=1)


def test_prices_of_an_optimal_assignment_are_the_least_that_prove_it():
    mentee, mentor, sweeps = prices(PROFIT, np.array([0, 1]))
    assert (mentee.tolist(), mentor.tolist(), sweeps) == ([4, 3], [1, 0], 2)


def test_prices_of_an_assignment_that_can_be_bettered_never_settle():
    with pytest.raises(NotProved, match="settle"):
        prices(PROFIT, np.array([1, 0]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mentee_prices": np.array([-1, 6])}, "below zero"),
        ({"mentor_prices": np.array([0, 0])}, "more than the prices"),
        ({"mentee_prices": np.array([4, 3])}, "differs"),
        ({"mentor_of": np.array([1, 0])}, "differs"),
    ],
)
def test_proof_that_fails_is_refused(change, words):
    prove(PROFIT, SEATS, BEST)
    with pytest.raises(NotProved, match=words):
        prove(PROFIT, SEATS, replace(BEST, **change))


def test_most_pairs_counts_seats_and_allowed_pairs():
    allowed = np.array([[True, False], [True, False], [True, False]])
    assert most_pairs(allowed, np.array([2, 5])) == 2
    assert most_pairs(~allowed, np.array([2, 5])) == 3
    assert most_pairs(np.zeros((2, 2), dtype=bool), SEATS) == 0


def test_highest_floor_closes_in_on_the_worst_pair_that_cannot_be_avoided():
    scores = np.arange(900, 0, -1).reshape(30, 30)
    worst = solve_scores(scores, capacity=1, floor=True)
    assert highest_floor(scores, np.ones(30, dtype=np.int64), 30) == worst.worst == worst.floor
    without = np.where(scores > worst.worst, scores, -1)
    assert solve_scores(without, capacity=1).coverage == 29


def test_codes_of_unknown_values_are_below_zero():
    left, right = equal_codes(["a", "", None], ["b", "a", ""])
    assert (left.tolist(), right[1], right[2]) == ([left[0], -1, -1], left[0], -1)


def test_hour_mask_reads_numbers_booleans_and_nothing():
    booleans = np.zeros(168, dtype=bool)
    booleans[[0, 167]] = True
    assert hour_mask(booleans) == hour_mask((1 << 167) | 1) == (1 << 167) | 1
    assert hour_mask(None) == 0
    assert hour_mask(1 << 168) == 0


def test_score_too_large_for_any_factor_is_refused():
    with pytest.raises(InvalidScores, match="too large"):
        solve_scores([[2**62]], capacity=1)


def test_explaining_no_pairs_gives_no_explanations():
    assert explain_pairs(read_pool(), POLICY, []) == []
