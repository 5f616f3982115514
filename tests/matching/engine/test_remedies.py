"""The smallest change that would give somebody a mentor."""

from __future__ import annotations

from matching.engine import Policy, Rule, smallest_changes, solve
from tests.matching.engine.test_explaining import SKILLED, skills_pool


def changes(pool, policy: Policy = SKILLED, **asked):
    solution = solve(pool, policy, **asked)
    waiting = [one.mentee_id for one in solution.unmatched]
    return smallest_changes(pool, policy, solution, waiting)


def test_one_more_seat_at_the_best_mentor_helps_who_was_out_competed():
    pool = skills_pool(["ab", "ab", "ab"], ["ab", "a"])
    [change] = changes(pool).values()
    assert change == {"change": "seat", "mentor_id": "o0", "score": 1_000_000}


def test_one_rule_is_named_where_it_alone_keeps_a_free_mentor_away():
    pool = skills_pool(["ab"], ["ab", "a", "ab"], level=(1, 1, 0), department=("", "", ""))
    policy = Policy(criteria=SKILLED.criteria, rules=(Rule("level_gap", {"min": 1}),))
    assert changes(pool, policy) == {
        "m0": {"change": "rule", "rule": "level_gap", "mentor_id": "o0", "score": 1_000_000}
    }


def test_a_seat_where_the_fit_is_good_comes_before_a_poor_pair():
    pool = skills_pool(["abcdefghij", "abcklmnopq"], ["abcdefghij", "def"])
    policy = Policy(criteria=SKILLED.criteria, minimum_fit=300_000)
    found = changes(pool, policy, objective="total")
    assert found == {"m1": {"change": "seat", "mentor_id": "o0", "score": 300_000}}


def test_no_single_change_is_named_where_none_would_do():
    pool = skills_pool(["a"], ["a"], level=(1,), capacity=(0,))
    policy = Policy(criteria=SKILLED.criteria, rules=(Rule("level_gap", {"min": 1}),))
    assert changes(pool, policy) == {}
