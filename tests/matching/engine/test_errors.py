"""What the engine refuses, with a named error that lists the offenders."""

from __future__ import annotations

import pytest

from matching import engine
from matching.engine import Cancelled, Criterion, People, Policy, Pool, Rule, solve, solve_scores

POLICY = Policy(criteria=(Criterion("seniority", 1),))


def small_pool(**mentors) -> Pool:
    return Pool(
        mentees=People(id=("m0", "m1"), level=(1, 1)),
        mentors=People(id=("o0", "o1"), level=(2, 0), **mentors),
    )


@pytest.mark.parametrize(
    ("error", "columns", "offenders"),
    [
        (engine.DuplicateId, {"id": ("a", "b", "a")}, ("a",)),
        (engine.DuplicateId, {"id": ("a", "b"), "person": (7, 7)}, (7,)),
        (engine.NegativeCapacity, {"id": ("a", "b"), "capacity": (-1, 2)}, ("a",)),
        (engine.InvalidCapacity, {"id": ("a", "b"), "capacity": (1.5, 2)}, ("a",)),
        (engine.InvalidPool, {"id": ("a", "b"), "level": (1,)}, ("level",)),
        (engine.InvalidPool, {"id": ("a",), "experience": (float("nan"),)}, ("a",)),
        (engine.InvalidPool, {"id": ("a",), "answers": ({"q": float("inf")},)}, ("a",)),
        (engine.InvalidPool, {"id": ("a",), "skills_wanted": ({"sql": 4},)}, ("a",)),
    ],
)
def test_people_that_cannot_be_are_refused_with_their_ids(error, columns, offenders):
    with pytest.raises(error) as refusal:
        People(**columns)
    assert refusal.value.offenders == offenders


@pytest.mark.parametrize(
    ("error", "locked", "offenders"),
    [
        (engine.UnknownId, [("m9", "o0"), ("m0", "o9")], ("m9", "o9")),
        (engine.LockedPairForbidden, [("m0", "o1")], (("m0", "o1"),)),
        (engine.LockedBeyondCapacity, [("m0", "o0"), ("m1", "o0")], ("o0",)),
    ],
)
def test_locked_pairs_that_cannot_be_are_refused(error, locked, offenders):
    policy = Policy(criteria=POLICY.criteria, rules=(Rule("level_gap", {"min": 1}),))
    with pytest.raises(error) as refusal:
        solve(small_pool(), policy, locked=locked)
    assert refusal.value.offenders == offenders


def test_mentee_locked_twice_is_refused_and_a_pair_listed_twice_is_not():
    with pytest.raises(engine.LockedTwice, match="m0"):
        solve(small_pool(), POLICY, locked=[("m0", "o0"), ("m0", "o1")])
    assert solve(small_pool(), POLICY, locked=[("m0", "o0")] * 2).coverage == 2


def test_locked_mentee_who_takes_no_part_is_refused():
    pool = Pool(mentees=People(id=("m0",), capacity=(0,)), mentors=People(id=("o0",)))
    with pytest.raises(engine.LockedBeyondCapacity, match="m0"):
        solve(pool, POLICY, locked=[("m0", "o0")])


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([[1.0, float("nan")]], r"\(0, 1\)"),
        ([[0.5]], r"\(0, 0\)"),
        ([1, 2], "shape"),
        ([["a"]], "whole numbers"),
        ([[2**60]], "too large"),
        ([[2**50] * 5] * 5, "too large"),
    ],
)
def test_scores_that_cannot_be_exact_are_refused(scores, words):
    with pytest.raises(engine.InvalidScores, match=words):
        solve_scores(scores, capacity=1)


def test_allowed_pairs_of_another_shape_are_refused():
    with pytest.raises(engine.InvalidScores, match="shape"):
        solve_scores([[1]], capacity=1, allowed=[[True, False]])


def test_allowed_pairs_bound_the_choice():
    solution = solve_scores([[5.0, 9.0]], capacity=1, allowed=[[True, False]])
    assert (solution.mentor_of, solution.total) == ({0: 0}, 5)


@pytest.mark.parametrize(
    "policy",
    [
        Policy(criteria=()),
        Policy(criteria=POLICY.criteria, minimum_fit=-1),
        Policy(criteria=POLICY.criteria, keep_reward=2_000_000),
        Policy(criteria=POLICY.criteria, objective="best"),
    ],
)
def test_policy_that_cannot_be_meant_is_refused(policy):
    with pytest.raises(engine.InvalidPolicy):
        solve(small_pool(), policy)


def test_floor_with_best_total_is_refused():
    with pytest.raises(engine.InvalidPolicy, match="floor"):
        solve(small_pool(), POLICY, objective="total", floor=True)


def test_error_lists_five_offenders_and_counts_the_rest():
    error = engine.UnknownId("Not here:", range(8))
    assert str(error) == "Not here: 0, 1, 2, 3, 4 and 3 more."


def test_progress_tells_each_stage_and_may_cancel():
    seen = []
    solve(small_pool(), POLICY, floor=True, progress=lambda *step: seen.append(step))
    assert [step[0] for step in seen] == [
        "scores",
        "scores",
        "floor",
        "floor",
        "pairs",
        "pairs",
        "reasons",
    ]

    def cancel(stage, done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        solve(small_pool(), POLICY, progress=cancel)
