"""Time "why not?": ``python bench/explaining.py [--only 20000x20000]``.

Solves a made-up pool, prepares its chains and asks what imposing random open pairs would cost, and
for the five least costly mentors of random mentees. Prints the CPU time of preparing, the median,
95th percentile and worst of a question, and how often all pairs had to be looked at again.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy: threads that wait cost CPU time
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pairing import POLICY, made_up_pool, parse

from matching.engine import Chains, Pool, Solution, explain_pairs, solve

PAIRS = 100
MENTEES = 40


def spent(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def measure(size: str) -> None:
    mentees, mentors, seats = parse(size)
    pool = made_up_pool(mentees, mentors, seats)
    solution = solve(pool, POLICY)
    before = time.process_time()
    chains = Chains(pool, POLICY, solution)
    print(f"{size}: prepared in {time.process_time() - before:.2f} s CPU", flush=True)
    rng = random.Random(1)  # noqa: S311 - the same pairs each time
    asked = rng.sample(pool.mentees.id, min(MENTEES, mentees))
    times = [spent(lambda one=one: chains.alternatives_of(one, 5)) for one in asked]
    print(line("five alternatives of a mentee", times), flush=True)
    pairs = open_pairs(pool, solution, rng)
    times = [spent(lambda pair=pair: chains.price_of(*pair)) for pair in pairs]
    print(line("one random pair", times), flush=True)
    print(f"  all pairs looked at again {chains.looks} times", flush=True)


def open_pairs(pool: Pool, solution: Solution, rng: random.Random) -> list[tuple]:
    """Return random pairs that no rule forbids and that were not chosen."""
    drawn = [(rng.choice(pool.mentees.id), rng.choice(pool.mentors.id)) for _ in range(3 * PAIRS)]
    drawn = [pair for pair in drawn if solution.mentor_of.get(pair[0]) != pair[1]]
    found = explain_pairs(pool, POLICY, drawn)
    seats = dict(zip(pool.mentors.id, pool.mentors.capacity, strict=True))
    is_open = [not one.broken and seats[one.mentor_id] > 0 for one in found]
    return [pair for pair, is_one in zip(drawn, is_open, strict=True) if is_one][:PAIRS]


def line(what: str, times: list[float]) -> str:
    ordered = sorted(1000 * one for one in times)
    high = ordered[int(len(ordered) * 0.95)]
    return (
        f"  {what}: median {statistics.median(ordered):.1f} ms CPU, "
        f"95 % within {high:.1f} ms, worst {ordered[-1]:.1f} ms, of {len(ordered)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="stay at 2,000 people a side")
    parser.add_argument("--only", help="one size: mentees x mentors [x seats or from-to]")
    chosen = parser.parse_args()
    sizes = ("500x500", "2000x2000") if chosen.quick else ("500x500", "5000x5000", "20000x20000")
    for size in (chosen.only,) if chosen.only else sizes:
        measure(size)


if __name__ == "__main__":
    main()
