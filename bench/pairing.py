"""Time the pairing engine: ``python bench/pairing.py [--quick] [--only 10000x10000]``.

Each size runs in a process of its own on made-up people and prints, scoring included: CPU and wall
seconds, peak memory above the inputs, how often all pairs were looked at, CPU time as a share of
SciPy's assignment on the same whole scores and memory as a share of its float64 matrix, where that
fits. The first line takes 500 by 500 from columns to explained pairs, against munkres where it is
installed. ``--quick`` stays at 2,000 people a side.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy: threads that wait cost CPU time

import numpy as np
from ortools.graph.python import min_cost_flow
from scipy.optimize import linear_sum_assignment

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from matching.engine import (
    Criterion,
    People,
    Person,
    Policy,
    Pool,
    Rule,
    explain_pairs,
    score_pool,
    solve,
    solve_scores,
)

QUICK = ("500x500", "2000x2000")
ALL = (*QUICK, "5000x5000", "10000x10000", "50000x10000x5", "100000x25000x1-5")
MOST_CELLS_FOR_SCIPY = 100_000_000
MEGABYTE = 2**20
SKILLS = [f"skill{k}" for k in range(120)]
INTERESTS = [f"interest{k}" for k in range(60)]
POLICY = Policy(
    criteria=(
        Criterion("skills", 40),
        Criterion("seniority", 15, {"min": 1, "max": 3}),
        Criterion("shared_hours", 15, {"enough_hours": 6}),
        Criterion("interests", 15),
        Criterion("language", 5),
        Criterion("location", 10),
    ),
    rules=(Rule("level_gap", {"min": 0, "max": 6}), Rule("common_language")),
)


@dataclass(frozen=True)
class Spent:
    """What a piece of work took."""

    cpu: float
    wall: float
    peak: int
    result: object


def spend(work: Callable[[], object]) -> Spent:
    """Run work and return its CPU and wall seconds and how much memory it took at most."""
    before = resident()
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Spent(cpu, wall, max(peak - before, 0), result)


def resident() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def person(identifier: str, rng: random.Random, seats: int) -> Person:
    """Make up somebody from a department, which has its own skills and keeps its own hours."""
    department = min(int(rng.expovariate(0.3)), 11)
    own = [f"skill{department * 10 + k}" for k in range(10)]
    skills = [*rng.sample(own, 3), *rng.sample(SKILLS, 2)]
    start = rng.randrange(6, 12) + 3 * (department % 3)
    return Person(
        id=identifier,
        department=f"department{department}",
        location=f"city{rng.randrange(8)}",
        level=rng.randrange(4) + 3 * identifier.startswith("o"),
        skills_wanted={skill: rng.randint(1, 3) for skill in skills},
        skills_offered=frozenset(skills),
        interests=frozenset(rng.sample(INTERESTS, 4)),
        languages=frozenset(rng.choices(["en", "de", "fr", "es"], [8, 3, 2, 2], k=2)),
        hours=sum(0b11111111 << (24 * day + start) for day in rng.sample(range(5), 3)),
        experience=rng.randrange(4),
        capacity=seats,
    )


def made_up_pool(mentees: int, mentors: int, seats: range) -> Pool:
    rng = random.Random(mentees + mentors)  # noqa: S311 - the same made-up people each time
    return Pool(
        mentees=People.of(person(f"e{k}", rng, 1) for k in range(mentees)),
        mentors=People.of(person(f"o{k}", rng, rng.choice(seats)) for k in range(mentors)),
    )


def measure(size: str) -> str:
    """Solve one size and return its line of figures."""
    mentees, mentors, seats = parse(size)
    pool = made_up_pool(mentees, mentors, seats)
    warm_up()
    solved = spend(lambda: solve(pool, POLICY))
    solution = solved.result
    line = [
        f"{size:>18}: {solved.cpu:7.2f} s CPU, {solved.wall:7.2f} s wall, "
        f"{solved.peak / MEGABYTE:6.0f} MiB, {solution.certificate.passes:.2f} passes, "
        f"{solution.coverage:,} pairs, {solution.certificate.solver}, "
        f"proved {solution.certificate.proved}"
    ]
    cells = mentees * sum(pool.mentors.capacity)
    if cells <= MOST_CELLS_FOR_SCIPY:
        alone = scipy_alone(pool)
        share = solved.peak / (8 * cells)
        line.append(f"{solved.cpu / alone:.2f} of LSA, {share:.2f} of its matrix")
    if mentees == mentors == 500:
        line += small_pool_extras(pool)
    return ", ".join(line)


def warm_up() -> None:
    """Load what both solvers need, as a worker has it."""
    solve_scores(np.arange(100).reshape(10, 10), capacity=1, solver="pricing")
    min_cost_flow.SimpleMinCostFlow()
    linear_sum_assignment(np.eye(10))


def scipy_alone(pool: Pool) -> float:
    """Return the CPU seconds of SciPy's assignment on the same scores."""
    scores = score_pool(pool, POLICY).matrix().astype(np.float64)
    scores[scores < 0] = -50_000_000
    scores = np.repeat(scores, pool.mentors.capacity, axis=1)
    return spend(lambda: linear_sum_assignment(scores, maximize=True)).cpu


def small_pool_extras(pool: Pool) -> list[str]:
    """Return the time to explained pairs, with other weights, and the ratio to munkres."""

    def everything() -> None:
        solution = solve(pool, POLICY)
        explain_pairs(pool, POLICY, [pair.ids for pair in solution.pairs])

    explained = spend(everything)
    other = replace(POLICY, criteria=(Criterion("skills", 55), *POLICY.criteria[1:]))
    again = spend(lambda: solve(pool, other, floor=True))
    figures = [
        f"to explained pairs {explained.cpu:.2f} s CPU",
        f"other weights over the highest floor {again.cpu:.2f} s CPU",
    ]
    try:
        from munkres import Munkres
    except ImportError:
        return figures
    scores = score_pool(pool, POLICY).matrix()
    costs = np.where(scores < 0, 50_000_000, 1_000_000 - scores).tolist()
    theirs = spend(lambda: Munkres().compute(costs))
    return [*figures, f"{explained.cpu / theirs.cpu:.4f} of munkres ({theirs.cpu:.1f} s)"]


def parse(size: str) -> tuple[int, int, range]:
    mentees, mentors, *seats = size.split("x")
    low, _, high = (seats[0] if seats else "1").partition("-")
    return int(mentees), int(mentors), range(int(low), int(high or low) + 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="stay at 2,000 people a side")
    parser.add_argument("--only", help="one size: mentees x mentors [x seats or from-to]")
    parser.add_argument("--here", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.here:
        print(measure(chosen.here), flush=True)
        return
    sizes = (chosen.only,) if chosen.only else QUICK if chosen.quick else ALL
    for size in sizes:
        subprocess.run([sys.executable, __file__, "--here", size], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
