"""Time the forming of circles: ``python bench/circles.py [--quick]``.

Prints, for the made-up people of ``bench/scoring.py``: mentors a circle, people seated, whether the
circles are proved best or by how much they could be better at most, CPU seconds, and those as a
multiple of scoring the pool and pairing it (``solve``), measured in turns in the same run. Fails
where the multiple passes the limit of a size, more than one in ten stay beyond those whom no
circles could seat, or the checker finds something.
``--quick`` stays at 120 mentees.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.scoring import POLICY, made_up_pool
from matching.engine import (
    CircleShape,
    People,
    Pool,
    check_circles,
    solve,
    solve_circles,
)

SIZES = (
    # mentees, mentors, mentors a circle, limit: multiple of scoring and pairing
    (120, 30, 1, 30),
    (40, 10, 2, 100),
    (80, 20, 2, 500),
    (60, 12, 3, 100),
    (120, 30, 2, 3_000),
    (120, 30, 3, 3_000),
    (400, 100, 1, 100),
    (1_000, 200, 1, 200),
    (400, 120, 2, 10_000),
)
EMPTY = 0.1
"""Share of people who may stay beyond what is known to be possible; the bound knows no teams."""
QUICK = 120
Result = TypeVar("Result")
ROUNDS = 3


def spent(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def with_seats(pool: Pool, most: int) -> Pool:
    """Return the pool as pairs would have it: each mentor with the seats of a circle."""
    people = {**vars(pool.mentors), "capacity": (most,) * len(pool.mentors)}
    columns = {name: people[name] for name in People.__dataclass_fields__}
    return replace(pool, mentors=People(**columns))


def bench(mentees: int, mentors: int, size: int, limit: int) -> list[str]:
    """Print the line of one size and return what is wrong with it."""
    pool, shape = made_up_pool(mentees, mentors), CircleShape(mentors=size)
    seats = with_seats(pool, shape.most)
    times, yardsticks = [], []
    for _ in range(ROUNDS if size == 1 else 1):
        yardsticks.append(spent(lambda: solve(seats, POLICY))[0])
        taken, found = spent(lambda: solve_circles(pool, POLICY, shape))
        times.append(taken)
    multiple = median(times) / median(yardsticks)
    quality = "proved" if found.is_exact else f"within {100 * found.gap:.2f} %"
    seated = f"{found.placed} of {found.most_people}"
    print(
        f"{mentees:>5} x {mentors:<4} {size} a circle: {seated} seated, "
        f"{quality}, {median(times):.2f} s, {multiple:.0f} times (limit {limit})",
        flush=True,
    )
    wrong = [f"{mentees} x {mentors}: {one}" for one in check_circles(pool, POLICY, shape, found)]
    if multiple > limit:
        wrong.append(f"{mentees} x {mentors}: {multiple:.0f} times scoring and pairing")
    if found.placed < (1 - EMPTY) * found.most_people:
        wrong.append(f"{mentees} x {mentors}: {found.placed} of {found.most_people} seated")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="stay at 120 mentees")
    quick = parser.parse_args().quick
    wrong = [line for size in SIZES if size[0] <= QUICK or not quick for line in bench(*size)]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
