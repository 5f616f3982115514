"""Time the pairing engine: ``python bench/engine.py [--quick]``.

Prints seconds for each stage, the ratio of the whole solve to SciPy's assignment alone on the same
scores, and whether the result is proved. ``--quick`` stays under 1,000 people a side.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from matching.engine import (
    Criterion,
    People,
    Person,
    Policy,
    Pool,
    Rule,
    check,
    explain_pairs,
    score_pool,
    solve,
    solve_scores,
)

TOPICS = [f"topic{k}" for k in range(120)]
VERBS = ["lead", "design", "present", "negotiate", "analyse", "plan", "write", "build"]
POLICY = Policy(
    criteria=(
        Criterion("skills", 35),
        Criterion("goal_text", 20),
        Criterion("seniority", 15),
        Criterion("shared_hours", 15),
        Criterion("interests", 10),
        Criterion("location", 5),
    ),
    rules=(Rule("different_department"), Rule("level_gap", {"min": 0, "max": 4})),
)


def person(identifier: str, rng: random.Random) -> Person:
    """Make up somebody with skewed skills, a level, hours and a sentence."""
    skills = {TOPICS[min(int(rng.expovariate(0.05)), 119)] for _ in range(5)}
    start = rng.randrange(6, 12)
    return Person(
        id=identifier,
        department=f"department{rng.randrange(12)}",
        location=f"city{rng.randrange(8)}",
        level=rng.randrange(6),
        skills_wanted={skill: rng.randint(1, 3) for skill in sorted(skills)},
        skills_offered=frozenset(skills),
        interests=frozenset(rng.sample(TOPICS, 4)),
        goal=" ".join(rng.choices(VERBS + TOPICS, k=12)),
        about=" ".join(rng.choices(VERBS + TOPICS, k=25)),
        hours=sum(0b11111111 << (24 * day + start) for day in rng.sample(range(5), 3)),
    )


def made_up_pool(size: int) -> Pool:
    rng = random.Random(size)  # noqa: S311 - the same made-up people each time
    return Pool(
        mentees=People.of(person(f"mentee{k}", rng) for k in range(size)),
        mentors=People.of(person(f"mentor{k}", rng) for k in range(size)),
    )


def timed(action: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def bench_pool(size: int) -> None:
    """Time a whole run on a made-up pool, from columns to explained pairs."""
    pool = made_up_pool(size)
    seconds, solution = timed(lambda: solve(pool, POLICY))
    explained, _ = timed(lambda: explain_pairs(pool, POLICY, [p.ids for p in solution.pairs]))
    checked, violations = timed(lambda: check(pool, POLICY, solution))
    scores = score_pool(pool, POLICY).matrix().astype(np.float64)
    alone, _ = timed(lambda: linear_sum_assignment(np.where(scores < 0, 0, scores + 1e9), True))
    stages = ", ".join(f"{stage} {spent:.2f}" for stage, spent in solution.timings.items())
    print(
        f"pool {size:>5} x {size:<5} solve {seconds:6.2f} s ({stages}), explain {explained:.2f} s, "
        f"check {checked:.2f} s, {len(violations)} violations, {seconds / alone:5.1f} x SciPy "
        f"alone, {solution.coverage} pairs, proved {solution.certificate.proved}"
    )


def bench_matrix(name: str, scores: np.ndarray) -> None:
    """Time the solver on one matrix that is hard in some way."""
    seconds, solution = timed(lambda: solve_scores(scores, capacity=1))
    alone, _ = timed(lambda: linear_sum_assignment(np.where(scores < 0, 0, scores + 1e9), True))
    print(
        f"{name:<28} {seconds:6.2f} s, {seconds / max(alone, 1e-4):5.1f} x SciPy alone, "
        f"{solution.coverage} pairs, {solution.certificate.passes} passes, "
        f"proved {solution.certificate.proved}"
    )


def hard_matrices(n: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(n)
    steps = np.arange(1, n + 1)
    return {
        f"random {n}": rng.integers(0, 1_000_001, (n, n)),
        f"six levels {n}": rng.integers(0, 6, (n, n)) * 200_000,
        f"identical people {n}": np.full((n, n), 500_000),
        f"2 % allowed {n}": np.where(rng.random((n, n)) < 0.02, rng.integers(0, 10**6, (n, n)), -1),
        f"Machol and Wien {n}": n * n - np.outer(steps, steps),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="stay under 1,000 people a side")
    quick = parser.parse_args().quick
    for size in (100, 500) if quick else (100, 500, 1_000, 2_000):
        bench_pool(size)
    for name, scores in hard_matrices(300 if quick else 800).items():
        bench_matrix(name, scores)


if __name__ == "__main__":
    main()
