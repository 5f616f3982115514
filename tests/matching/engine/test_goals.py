"""Balance, several mentors, and large pools: the best answers, and a checker that agrees."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import (
    Cancelled,
    Criterion,
    InvalidPolicy,
    People,
    Person,
    Policy,
    Pool,
    check,
    solve,
    solve_scores,
)
from tests.matching.engine.oracle import cases, matrices

QUICK = settings(max_examples=60)


def best_balanced(scores, seats, balance) -> tuple[int, int]:
    """Return coverage and total less the price of uneven load, by trying everything."""
    found = (0, 0)
    options = [[None, *(j for j, score in enumerate(row) if score >= 0)] for row in scores]
    for chosen in product(*options):
        load = [chosen.count(mentor) for mentor in range(len(seats))]
        if any(count > seat for count, seat in zip(load, seats, strict=True)):
            continue
        earned = sum(scores[i][j] for i, j in enumerate(chosen) if j is not None)
        earned -= balance * sum(count * (count - 1) // 2 for count in load)
        found = max(found, (len(chosen) - chosen.count(None), earned))
    return found


@QUICK
@given(
    matrices(),
    st.sampled_from([1, 3, 100_000, 2_000_000]),
    st.sampled_from(["dense", "pricing"]),
)
def test_balanced_answer_equals_trying_everything(case, balance, solver):
    scores, seats = case
    solution = solve_scores(scores, capacity=seats, balance=balance, solver=solver)
    uneven = sum(load * (load - 1) // 2 for load in solution.load)
    found = (solution.coverage, solution.total - balance * uneven)
    assert found == best_balanced(scores, seats, balance)
    assert solution.certificate.proved


@QUICK
@given(cases(), st.sampled_from([0, 50_000]), st.data())
def test_answers_with_balance_several_mentors_and_locks_pass_the_check(case, balance, data):
    pool, policy = case
    policy = replace(policy, balance=balance)
    wanted = data.draw(st.tuples(*[st.integers(0, 2) for _ in pool.mentees.id]))
    pool = replace(pool, mentees=replace(pool.mentees, capacity=wanted))
    solution = solve(pool, policy)
    assert check(pool, policy, solution) == []
    locked = [pair.ids for pair in solution.pairs[:1]]
    again = solve(pool, policy, locked=locked)
    assert check(pool, policy, again) == []
    assert again.total == solution.total


def crowd(mentees: int, mentors: int) -> tuple[Pool, Policy]:
    skills = [f"skill{k}" for k in range(40)]
    pool = Pool(
        mentees=People.of(
            Person(
                id=f"e{k}",
                level=k % 3,
                skills_wanted={skills[k * 7 % 40]: 1 + k % 3, skills[k * 11 % 40]: 2},
            )
            for k in range(mentees)
        ),
        mentors=People.of(
            Person(
                id=f"o{k}",
                level=2 + k % 3,
                capacity=1 + k % 3,
                skills_offered={skills[k * step % 40] for step in (3, 13, 17)},
            )
            for k in range(mentors)
        ),
    )
    criteria = (Criterion("skills", 3), Criterion("seniority", 1, {"min": 1, "max": 2}))
    return pool, Policy(criteria=criteria)


def test_large_pool_is_solved_by_pricing_with_reasons_and_passes_the_check():
    pool, policy = crowd(1_700, 820)
    policy = replace(policy, minimum_fit=200_000)
    solution = solve(pool, policy, floor=True)
    assert solution.certificate.solver == "pricing"
    assert solution.certificate.proved
    assert solution.coverage + len(solution.unmatched) == 1_700
    assert solution.worst >= solution.floor >= 200_000
    assert check(pool, policy, solution) == []
    broken = replace(solution.certificate, mentor_prices=(0,) * 820)
    assert check(pool, policy, replace(solution, certificate=broken))


def test_balance_below_zero_is_refused():
    with pytest.raises(InvalidPolicy, match="uneven load"):
        solve_scores([[1]], capacity=1, balance=-1)


def test_cancelling_by_pricing_passes_through():
    seen = []

    def cancel(stage, done, total):
        seen.append(stage)
        if stage == "pairs":
            raise Cancelled

    pool, policy = crowd(1_700, 820)
    with pytest.raises(Cancelled):
        solve(pool, policy, progress=cancel)
    assert seen[-1] == "pairs"
    assert set(seen) == {"scores", "pairs"}


@pytest.mark.slow
def test_large_pool_with_too_few_seats_tells_who_competes():
    pool, policy = crowd(3_000, 600)
    solution = solve(pool, policy)
    assert solution.coverage == 1_200
    codes = {one.code for one in solution.unmatched}
    assert codes == {"out_competed"}
    facts = solution.unmatched[0].facts
    assert facts["mentees"] > facts["seats"]
