"""Pairs who would both rather have each other, and the difference of two solutions by group."""

from __future__ import annotations

from matching.engine import (
    BlockingPair,
    Move,
    blocking_pairs,
    compare_by_group,
    score_pool,
    solve,
)
from tests.matching.engine.test_chains import POLICY, made_up
from tests.matching.engine.test_explaining import SKILLED, skills_pool


def test_blocking_pair_names_what_both_would_gain():
    # 10 and 1 against 9 and 9: the best total parts the two who fit best.
    pool = skills_pool(
        ["abcdefghij", "klmnopqrst"], ["abcdefghijklmnopqrs", "abcdefghik"], department=("", "")
    )
    solution = solve(pool, SKILLED)
    assert solution.mentor_of == {"m0": "o1", "m1": "o0"}
    found = blocking_pairs(pool, SKILLED, solution)
    assert (found.count, found.pairs) == (
        1,
        (BlockingPair("m0", "o0", 1_000_000, mentee_gain=100_000, mentor_gain=100_000),),
    )
    locked = solve(pool, SKILLED, locked=[("m0", "o1")])
    assert blocking_pairs(pool, SKILLED, locked).count == 0


def test_blocking_pairs_equal_a_look_at_every_pair():
    pool = made_up(50, 30, (0, 3))
    solution = solve(pool, POLICY)
    scores = score_pool(pool, POLICY).matrix()
    own = {pair.mentee: pair.score for pair in solution.pairs}
    there: dict[int, list[int]] = {}
    for pair in solution.pairs:
        there.setdefault(pair.mentor, []).append(pair.score)
    expected = {}
    for row, mentee in enumerate(pool.mentees.id):
        for col, mentor in enumerate(pool.mentors.id):
            full = len(there.get(col, [])) >= pool.mentors.capacity[col]
            lowest = min(there.get(col, [10**7])) if full else -1
            score = int(scores[row, col])
            if score > max(own.get(row, -1), lowest):
                gains = score - own.get(row, 0), score - max(lowest, 0)
                expected[mentee, mentor] = BlockingPair(mentee, mentor, score, *gains)
    found = blocking_pairs(pool, POLICY, solution, most=10**6)
    assert expected
    assert found.count == len(expected)
    assert {(one.mentee_id, one.mentor_id): one for one in found.pairs} == expected
    few = blocking_pairs(pool, POLICY, solution, most=3)
    assert (few.count, few.pairs) == (found.count, found.pairs[:3])


def test_compare_by_group_tells_each_group_apart():
    pool = skills_pool(["ab", "a", "c"], ["ab", "a"])
    before = solve(pool, SKILLED, locked=[("m0", "o1"), ("m2", "o0")])
    after = solve(pool, SKILLED)
    found = compare_by_group(before, after, {"m0": "Law", "m1": "Law", "m2": "Design"})
    assert list(found) == ["Design", "Law"]
    assert found["Design"].lost == (Move("m2", "o0", None),)
    assert (found["Design"].coverage_change, found["Law"].coverage_change) == (-1, 1)
    assert found["Law"].moved == (Move("m0", "o1", "o0"),)
    assert found["Law"].total_change == 1_500_000
