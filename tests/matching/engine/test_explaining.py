"""Why not, why unmatched, held pairs, and the difference between two solutions."""

from __future__ import annotations

import pytest

from matching.engine import (
    Criterion,
    Move,
    People,
    Policy,
    Pool,
    Rule,
    UnknownId,
    compare,
    explain_pairs,
    solve,
    solve_scores,
    why_not,
    why_unmatched,
)
from tests.matching.engine.civil_service import POLICY, read_pool

SKILLED = Policy(criteria=(Criterion("skills", 1),))


def skills_pool(wanted: list[str], offered: list[str], **columns) -> Pool:
    """People named m0, m1 … and o0, o1 …, with a letter for each skill."""
    return Pool(
        mentees=People(
            id=tuple(f"m{k}" for k in range(len(wanted))),
            skills_wanted=tuple(dict.fromkeys(skills, 1) for skills in wanted),
            level=(1,) * len(wanted),
        ),
        mentors=People(
            id=tuple(f"o{k}" for k in range(len(offered))),
            skills_offered=tuple(frozenset(skills) for skills in offered),
            **columns,
        ),
    )


def test_why_not_of_the_chosen_pair_says_chosen():
    pool = skills_pool(["a"], ["a"])
    assert why_not(pool, SKILLED, solve(pool, SKILLED), "m0", "o0").code == "chosen"


def test_why_not_of_a_forbidden_pair_names_the_rules():
    pool = skills_pool(["a"], ["a", "a"], level=(2, 1), department=("", ""))
    policy = Policy(criteria=SKILLED.criteria, rules=(Rule("level_gap", {"min": 1}),))
    answer = why_not(pool, policy, solve(pool, policy), "m0", "o1")
    assert (answer.code, answer.rules, answer.facts) == ("rule", ("level_gap",), {"score": 10**6})


def test_why_not_of_a_worse_pair_tells_loss_and_who_moves():
    pool = skills_pool(["ab", "a"], ["ab", "a"])
    answer = why_not(pool, SKILLED, solve(pool, SKILLED), "m0", "o1")
    assert (answer.code, answer.loss, answer.coverage_loss) == ("worse", 500_000, 0)
    assert answer.moves == (Move("m0", "o0", "o1"), Move("m1", "o1", "o0"))


def test_why_not_of_an_equal_pair_says_equally_good():
    pool = skills_pool(["a", "a"], ["a", "a"])
    solution = solve(pool, SKILLED)
    other = {"o0": "o1", "o1": "o0"}[solution.mentor_of["m0"]]
    assert why_not(pool, SKILLED, solution, "m0", other).code == "equally_good"


def test_why_not_of_a_pair_that_costs_somebody_their_mentor_tells_coverage():
    pool = skills_pool(["a", "b"], ["ab", "b"], department=("", ""))
    policy = Policy(criteria=SKILLED.criteria, minimum_fit=1)
    answer = why_not(pool, policy, solve(pool, policy), "m1", "o0")
    assert (answer.code, answer.coverage_loss) == ("worse", 1)
    assert Move("m0", "o0", None) in answer.moves


def test_why_not_names_seats_locks_fit_and_floor():
    pool = skills_pool(["a", "a", "ab"], ["a", "ab", "a", "x"], capacity=(0, 1, 1, 1))
    policy = Policy(criteria=SKILLED.criteria, minimum_fit=100_000)
    solution = solve(pool, policy, locked=[("m0", "o1")])
    assert why_not(pool, policy, solution, "m1", "o0").code == "no_seat"
    assert why_not(pool, policy, solution, "m2", "o1").code == "locked"
    assert why_not(pool, policy, solution, "m0", "o2").code == "locked"
    assert why_not(pool, policy, solution, "m1", "o3").code == "below_minimum_fit"
    bounded = solve(pool, policy, floor=900_000)
    assert why_not(pool, policy, bounded, "m2", "o2").code == "below_floor"
    with pytest.raises(UnknownId, match="nobody"):
        why_not(pool, policy, solution, "nobody", "o1")


def test_why_not_equals_a_forced_run_on_the_civil_service_pool():
    pool = read_pool()
    solution = solve(pool, POLICY)
    pairs = [
        (one.mentee_id, other.mentor_id)
        for one, other in zip(solution.pairs, solution.pairs[9:], strict=False)
    ]
    allowed = [e for e in explain_pairs(pool, POLICY, pairs) if not e.broken][:5]
    assert len(allowed) == 5
    for pair in allowed:
        answer = why_not(pool, POLICY, solution, pair.mentee_id, pair.mentor_id)
        forced = solve(pool, POLICY, locked=[(pair.mentee_id, pair.mentor_id)])
        assert solution.total - forced.total == answer.loss
        assert solution.coverage - forced.coverage == answer.coverage_loss


def unmatched(pool: Pool, policy: Policy = SKILLED, **asked):
    solution = solve(pool, policy, **asked)
    return {one.mentee_id: (one.code, one.facts) for one in solution.unmatched}


def test_unmatched_for_want_of_an_allowed_mentor_counts_what_each_rule_removes():
    pool = skills_pool(
        ["a"], ["a"] * 4, level=(1, 1, 2, 1), department=("X", "", "X", ""), capacity=(1, 1, 1, 0)
    )
    pool = Pool(
        mentees=People(id=("m0",), level=(1,), department=("X",)),
        mentors=pool.mentors,
    )
    rules = (Rule("level_gap", {"min": 1}), Rule("different_department"))
    policy = Policy(criteria=SKILLED.criteria, rules=rules)
    assert unmatched(pool, policy) == {
        "m0": (
            "no_mentor_allowed",
            {
                "mentors": 4,
                "removed": {"no_seat": 1, "level_gap": 3, "different_department": 2},
                "alone": {"level_gap": 1, "different_department": 1},
            },
        )
    }


def test_unmatched_below_the_minimum_fit_is_held_for_a_person():
    pool = skills_pool(["abcd", "x"], ["a", "x"])
    policy = Policy(criteria=SKILLED.criteria, minimum_fit=500_000)
    solution = solve(pool, policy)
    assert solution.mentor_of == {"m1": "o1"}
    [held] = solution.held
    assert (held.ids, held.score, held.contributions) == (("m0", "o0"), 250_000, (250_000,))
    [one] = solution.unmatched
    assert (one.code, one.facts) == (
        "below_minimum_fit",
        {"best": 250_000, "mentor_id": "o0", "minimum_fit": 500_000},
    )


def test_held_pairs_can_be_locked_although_they_lie_under_the_minimum_fit():
    pool = skills_pool(["abcd"], ["a"])
    policy = Policy(criteria=SKILLED.criteria, minimum_fit=500_000)
    assert solve(pool, policy, locked=[("m0", "o0")]).total == 250_000


def test_unmatched_by_competition_names_the_crowd():
    pool = skills_pool(["a", "a", "a", "b"], ["a", "a", "b"])
    policy = Policy(criteria=SKILLED.criteria, minimum_fit=1)
    [(code, facts)] = unmatched(pool, policy).values()
    counts = {name: facts[name] for name in ("mentees", "seats", "mentors")}
    assert (code, counts) == ("out_competed", {"mentees": 3, "seats": 2, "mentors": 2})


def test_unmatched_for_a_better_total_tells_the_loss():
    pool = skills_pool(["abcdefghij", "abcklmnopq"], ["abcdefghij", "def"])
    policy = Policy(criteria=SKILLED.criteria, minimum_fit=300_000)
    assert solve(pool, policy, objective="coverage").total == 600_000
    solution = solve(pool, policy, objective="total")
    assert (solution.mentor_of, solution.total) == ({"m0": "o0"}, 1_000_000)
    [one] = solution.unmatched
    assert (one.mentee_id, one.code) == ("m1", "total_first")
    assert why_unmatched(pool, policy, solution, "m1").facts == {"loss": 400_000}


def test_unmatched_who_takes_no_part_is_named_so():
    pool = Pool(mentees=People(id=("m0",), capacity=(0,)), mentors=People(id=("o0",)))
    assert unmatched(pool) == {"m0": ("takes_no_part", {})}


def test_unmatched_without_any_mentor_is_told_so():
    pool = Pool(mentees=People(id=("m0",)), mentors=People(id=()))
    facts = {"mentors": 0, "removed": {}, "alone": {}}
    assert unmatched(pool) == {"m0": ("no_mentor_allowed", facts)}


def test_empty_pool_gives_an_empty_proved_solution():
    solution = solve(Pool(mentees=People(id=()), mentors=People(id=("o0",))), SKILLED, floor=True)
    assert (solution.pairs, solution.total, solution.worst) == ((), 0, None)
    assert solution.certificate.proved


def test_why_unmatched_repeats_the_reason_and_refuses_the_matched():
    pool = skills_pool(["a", "a"], ["a"])
    solution = solve(pool, SKILLED)
    [one] = solution.unmatched
    assert why_unmatched(pool, SKILLED, solution, one.mentee_id) == one
    with pytest.raises(UnknownId):
        why_unmatched(pool, SKILLED, solution, solution.pairs[0].mentee_id)


def test_compare_names_who_moves_who_gains_and_who_loses():
    pool = skills_pool(["ab", "a", "c"], ["ab", "a"])
    before = solve(pool, SKILLED, locked=[("m0", "o1"), ("m2", "o0")])
    after = solve(pool, SKILLED)
    change = compare(before, after)
    assert change.moved == (Move("m0", "o1", "o0"),)
    assert change.gained == (Move("m1", None, "o1"),)
    assert change.lost == (Move("m2", "o0", None),)
    assert (change.same, change.total_change, change.coverage_change) == (0, 1_500_000, 0)
    assert change.worst_change == 1_000_000
    assert compare(after, after).same == 2


def test_compare_of_several_mentors_counts_each_pair_that_moves():
    scores = [[900, 800, 10], [650, 10, 600]]
    wishes = {"capacity": 1, "mentors_wanted": [2, 2]}
    before = solve_scores(scores, **wishes)
    after = solve_scores([[10, 800, 900], [700, 10, -1]], **wishes)
    assert before.mentors_of == {0: (0, 1), 1: (2,)}
    assert after.mentors_of == {0: (1, 2), 1: (0,)}
    found = compare(before, after)
    assert (found.same, found.coverage_change) == (1, 0)
    assert found.moved == (Move(0, 0, 2), Move(1, 2, 0))
    assert (found.gained, found.lost) == ((), ())
    fewer = compare(before, solve_scores(scores, capacity=1))
    assert (fewer.same, fewer.lost, fewer.coverage_change) == (2, (Move(0, 1, None),), 0)


def test_fingerprint_tells_second_mentors_apart():
    scores = [[900, 800, 800]]
    wishes = {"capacity": 1, "mentors_wanted": [2]}
    one = solve_scores(scores, allowed=[[True, True, False]], **wishes)
    other = solve_scores(scores, allowed=[[True, False, True]], **wishes)
    assert one.mentor_of == other.mentor_of == {0: 0}
    assert (one.coverage, other.coverage) == (1, 1)
    assert one.fingerprint() != other.fingerprint()
