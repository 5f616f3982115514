"""A warm start changes how long a solve takes, never what comes out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching.engine import Criterion, solve
from matching.engine import large as large_solver
from tests.matching.engine.test_goals import crowd


def counted(monkeypatch) -> list[float]:
    """Collect how many passes over all pairs each solve by pricing takes."""
    passes = []

    class Counted(large_solver.Pricing):
        def run(self, start=None):
            found = super().run(start)
            passes.append(found.passes)
            return found

    monkeypatch.setattr(large_solver, "Pricing", Counted)
    return passes


@pytest.mark.parametrize(
    "wishes",
    [{"objective": "total"}, {"balance": 20_000, "minimum_fit": 300_000}],
    ids=["total", "coverage with balance"],
)
def test_warm_solve_with_other_weights_equals_the_cold_one(wishes):
    pool, policy = crowd(1_700, 820)
    earlier = solve(pool, policy)
    criteria = (Criterion("skills", 4), *policy.criteria[1:])
    other = replace(policy, criteria=criteria, **wishes)
    cold, warm = solve(pool, other), solve(pool, other, warm=earlier)
    assert cold.certificate.solver == warm.certificate.solver == "pricing"
    assert warm.fingerprint() == cold.fingerprint()
    assert (warm.total, warm.unmatched) == (cold.total, cold.unmatched)


def test_warm_solve_of_the_same_pool_looks_at_all_pairs_once(monkeypatch):
    pool, policy = crowd(1_700, 820)
    passes = counted(monkeypatch)
    earlier = solve(pool, policy)
    again = solve(pool, policy, warm=earlier)
    assert again.fingerprint() == earlier.fingerprint()
    assert passes[-1] == 1.0


def test_warm_rerun_that_keeps_pairs_equals_the_cold_one():
    pool, policy = crowd(1_700, 820)
    earlier = solve(pool, policy, seed=3)
    fewer = replace(
        pool, mentees=replace(pool.mentees, capacity=(0,) * 100 + pool.mentees.capacity[100:])
    )
    cold = solve(fewer, policy, previous=earlier)
    warm = solve(fewer, policy, previous=earlier, warm=earlier)
    assert warm.fingerprint() == cold.fingerprint()


def test_warm_start_from_people_who_are_gone_or_the_fairest_aim_is_as_good():
    pool, policy = crowd(40, 30)
    fairest = solve(pool, policy, objective="leximin")
    other, _ = crowd(60, 20)
    for warm in (fairest, solve(other, policy)):
        assert solve(pool, policy, warm=warm).fingerprint() == solve(pool, policy).fingerprint()
