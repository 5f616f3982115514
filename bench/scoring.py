"""Time the scoring of all pairs: ``python bench/scoring.py [--quick]``.

Prints, for made-up people under a policy with ten criteria and five rules, the CPU seconds for each
10^8 pairs, beside one float32 product of 331 columns on the same machine at the same moment, and
the memory of the columns. ``--quick`` stays at 2,000 people a side.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from matching.engine import Criterion, People, Policy, Pool, Rule, Scored, score_pool

PAIRS = 10**8
ROWS = 400
MOST_PAIRS = 4 * 10**8
"""Of larger pools only this many pairs are timed."""
POLICY = Policy(
    criteria=(
        Criterion("skills", 30),
        Criterion("goal_text", 20),
        Criterion("shared_hours", 15),
        Criterion("interests", 10),
        Criterion("seniority", 8),
        Criterion("preference", 7),
        Criterion("location", 5),
        Criterion("profession", 5),
        Criterion("experience", 4),
        Criterion("language", 3),
    ),
    rules=(
        Rule("different_department"),
        Rule("earlier_pair"),
        Rule("level_gap", {"min": 0, "max": 5}),
        Rule("minimum_shared_hours"),
        Rule("common_language"),
    ),
)
WIDTH = 256


def made_up_people(rng: np.random.Generator, count: int, first_id: int) -> People:
    """Make up people in twelve departments, each with skills and topics of its own."""
    department = rng.integers(0, 12, count)
    skills = [
        {f"skill{(10 * own + int(step)) % 120}" for step in rng.exponential(12, 4)}
        for own in department.tolist()
    ]
    topics = np.random.default_rng(7).normal(size=(48, WIDTH))
    meaning = topics[4 * department + rng.integers(0, 4, count)] + rng.normal(size=(count, WIDTH))
    vectors = np.rint(127 * meaning / np.abs(meaning).max(axis=1, keepdims=True)).astype(np.int8)
    starts, days = rng.integers(6, 20, count).tolist(), rng.integers(1, 32, count).tolist()
    return People(
        id=tuple(range(first_id, first_id + count)),
        department=tuple(map(str, department)),
        location=tuple(f"site{int(k)}" for k in rng.exponential(8, count)),
        profession=tuple(f"work{int(k)}" for k in rng.exponential(10, count)),
        level=tuple(rng.integers(0, 7, count).tolist()),
        manager=tuple(rng.integers(0, count // 8 + 1, count).tolist()),
        skills_wanted=tuple({skill: len(skill) % 3 + 1 for skill in own} for own in skills),
        skills_offered=tuple(skills),
        interests=tuple({f"topic{int(k)}" for k in row} for row in rng.exponential(10, (count, 4))),
        languages=tuple({"en" if k else "fr", f"lang{k % 6}"} for k in rng.integers(0, 12, count)),
        hours=tuple(
            sum(0b1111 << (24 * day + start) for day in range(5) if which >> day & 1)
            for start, which in zip(starts, days, strict=True)
        ),
        experience=tuple(rng.integers(0, 5, count).tolist()),
        preferred=tuple(map(tuple, rng.integers(0, count, (count, 3)).tolist())),
        goal_vector=tuple(vectors),
        about_vector=tuple(vectors),
    )


def made_up_pool(mentees: int, mentors: int) -> Pool:
    rng = np.random.default_rng(mentees)
    pairs = rng.integers(0, (mentees, mentors), (mentees // 4, 2)).tolist()
    return Pool(
        mentees=made_up_people(rng, mentees, 0),
        mentors=made_up_people(rng, mentors, 10**6),
        earlier_pairs={(mentee, 10**6 + mentor) for mentee, mentor in pairs},
    )


def resident() -> float:
    """Return the memory in use, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def bench_pool(mentees: int, mentors: int) -> None:
    pool = made_up_pool(mentees, mentors)
    before, start = resident(), time.process_time()
    scored = score_pool(pool, POLICY)
    scored.judged_rows(0, 1)
    columns = time.process_time() - start
    memory = resident() - before
    spent, pairs = _stream(scored)
    print(
        f"{mentees:>7} x {mentors:<7} columns {columns:5.2f} s, {memory:4.0f} MiB; "
        f"{spent * PAIRS / pairs:5.2f} s of CPU for 10^8 pairs ({pairs:.1e} timed); "
        f"a product of 331 columns: {_product(mentors):.2f} s"
    )


def _stream(scored: Scored) -> tuple[float, int]:
    mentees, mentors = scored.shape
    block = np.empty((ROWS, mentors), dtype=np.float32)
    last = min(mentees, max(ROWS, MOST_PAIRS // mentors))
    start = time.process_time()
    for first in range(0, last, ROWS):
        stop = min(first + ROWS, last)
        scored.judged_rows(first, stop, out=block[: stop - first])
    return time.process_time() - start, last * mentors


def _product(mentors: int) -> float:
    """Return the CPU seconds of one plain product for 10^8 pairs."""
    left, right = np.ones((ROWS, 331), np.float32), np.ones((mentors, 331), np.float32)
    out = np.empty((ROWS, mentors), np.float32)
    times = max(1, PAIRS // 4 // out.size)
    start = time.process_time()
    for _ in range(times):
        np.matmul(left, right.T, out=out)
    return (time.process_time() - start) * PAIRS / (times * out.size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="stay at 2,000 people a side")
    quick = parser.parse_args().quick
    for size in [(500, 500), (2_000, 2_000)] if quick else [(10_000, 10_000), (100_000, 25_000)]:
        bench_pool(*size)


if __name__ == "__main__":
    main()
