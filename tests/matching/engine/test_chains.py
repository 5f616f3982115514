"""What a pair would cost: chains of moves against solving again with the pair forced."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from matching.engine import (
    Chains,
    Criterion,
    Move,
    NoPrices,
    People,
    Person,
    Policy,
    Pool,
    Rule,
    Solution,
    WhyNot,
    alternatives_of,
    residual,
    score_pool,
    solve,
    why_not,
)

POLICY = Policy(
    criteria=(
        Criterion("skills", 40),
        Criterion("interests", 30, {"enough": 2}),
        Criterion("seniority", 30, {"min": 1, "max": 2, "step": 0.4}),
    ),
    rules=(Rule("level_gap", {"min": 0}),),
)
CASES = {
    "tight": ((40, 40, (1, 1)), {}, {}),
    "seats to spare": ((40, 50, (1, 1)), {}, {}),
    "more mentees than seats": ((50, 30, (1, 1)), {}, {}),
    "capacities": ((60, 30, (0, 4)), {}, {}),
    "total first": ((50, 30, (0, 2)), {"minimum_fit": 450_000}, {"objective": "total"}),
    "minimum fit": ((40, 40, (1, 1)), {"minimum_fit": 550_000}, {}),
    "floor": ((40, 40, (1, 1)), {}, {"floor": True}),
    "balance": ((60, 30, (1, 4)), {"balance": 20_000}, {}),
}


def made_up(mentees: int, mentors: int, seats: tuple[int, int]) -> Pool:
    rng = random.Random(mentees * mentors)  # noqa: S311 - the same people each time

    def person(side: str, number: int, capacity: int) -> Person:
        skills = rng.sample("abcdefghij", 4)
        return Person(
            id=f"{side}{number}",
            level=rng.randrange(4) + 2 * (side == "o"),
            skills_wanted=dict.fromkeys(skills, rng.randint(1, 3)),
            skills_offered=frozenset(skills),
            interests=frozenset(rng.sample("uvwxyz", 2)),
            capacity=capacity,
        )

    return Pool(
        mentees=People.of(person("e", k, 1) for k in range(mentees)),
        mentors=People.of(person("o", k, rng.randint(*seats)) for k in range(mentors)),
    )


def open_pairs(pool: Pool, policy: Policy, solution: Solution, count: int):
    scores = score_pool(pool, policy).matrix()
    least = max(policy.minimum_fit, solution.floor or 0)
    locked = [pair for pair in solution.pairs if pair.locked]
    seats = list(pool.mentors.capacity)
    for pair in locked:
        seats[pair.mentor] -= 1
    found = [
        (mentee, mentor)
        for row, mentee in enumerate(pool.mentees.id)
        for col, mentor in enumerate(pool.mentors.id)
        if scores[row, col] >= least
        and seats[col] > 0
        and mentee not in {pair.mentee_id for pair in locked}
        and solution.mentor_of.get(mentee) != mentor
    ]
    return random.Random(1).sample(found, count)  # noqa: S311


def worth(solution: Solution, balance: int) -> int:
    return solution.total - sum(balance * step for load in solution.load for step in range(load))


def forced(pool, policy, solution, pair, asked) -> Solution:
    locked = [*(fixed.ids for fixed in solution.pairs if fixed.locked), pair]
    floor = solution.floor
    return solve(pool, policy, **{**asked, "floor": floor, "locked": locked})


def after(pool: Pool, policy: Policy, solution: Solution, answer: WhyNot) -> tuple[int, int]:
    """Return coverage and worth of the solution once the moves are made."""
    mentor_of = dict(solution.mentor_of)
    for move in answer.moves:
        assert mentor_of.get(move.mentee_id) == move.before
        mentor_of[move.mentee_id] = move.after
    pairs = [(mentee, mentor) for mentee, mentor in mentor_of.items() if mentor is not None]
    load = dict.fromkeys(pool.mentors.id, 0)
    for _, mentor in pairs:
        load[mentor] += 1
    seats = dict(zip(pool.mentors.id, pool.mentors.capacity, strict=True))
    assert all(load[mentor] <= seats[mentor] for mentor in load)
    scores = score_pool(pool, policy).matrix()
    places = [(pool.mentees.index[one], pool.mentors.index[other]) for one, other in pairs]
    assert all(scores[place] >= 0 for place in places)
    total = sum(int(scores[place]) for place in places)
    uneven = sum(policy.balance * step for number in load.values() for step in range(number))
    return len(pairs), total - uneven


@pytest.mark.parametrize("keeps_all", [True, False], ids=["all arcs", "near arcs"])
@pytest.mark.parametrize("name", CASES)
def test_chain_of_a_random_pair_equals_a_forced_run(monkeypatch, name, keeps_all):
    if not keeps_all:
        monkeypatch.setattr(residual, "MOST_CELLS", 0)
        monkeypatch.setattr(residual, "NEAR_ARCS", 3)
    size, wishes, asked = CASES[name]
    pool, policy = made_up(*size), replace(POLICY, **wishes)
    solution = solve(pool, policy, **asked)
    chains = Chains(pool, policy, solution)
    for pair in open_pairs(pool, policy, solution, 7):
        answer = chains.price_of(*pair)
        best = forced(pool, policy, solution, pair, asked)
        assert answer.moves[0] == Move(pair[0], solution.mentor_of.get(pair[0]), pair[1])
        assert solution.coverage - answer.coverage_loss == best.coverage
        changed = best.coverage, worth(best, policy.balance)
        assert after(pool, policy, solution, answer) == changed
        if not policy.balance:
            assert solution.total - answer.loss == best.total


def test_chain_leaves_locked_pairs_alone():
    pool = made_up(40, 30, (1, 3))
    locked = [pair.ids for pair in solve(pool, POLICY).pairs[:20:2]]
    solution = solve(pool, POLICY, locked=locked)
    kept = {mentee for mentee, _ in locked}
    for pair in open_pairs(pool, POLICY, solution, 10):
        answer = why_not(pool, POLICY, solution, *pair)
        assert not kept & {move.mentee_id for move in answer.moves}
        best = forced(pool, POLICY, solution, pair, {})
        assert solution.total - answer.loss == best.total


@pytest.mark.parametrize("keeps_all", [True, False], ids=["all arcs", "near arcs"])
def test_alternatives_are_the_least_costly_mentors(monkeypatch, keeps_all):
    if not keeps_all:
        monkeypatch.setattr(residual, "MOST_CELLS", 0)
        monkeypatch.setattr(residual, "NEAR_ARCS", 3)
    pool = made_up(50, 30, (1, 2))
    solution = solve(pool, POLICY)
    mentees = [solution.unmatched[0].mentee_id, *pool.mentees.id[:4]]
    for mentee in mentees:
        found = alternatives_of(pool, POLICY, solution, mentee, 5)
        every = [
            why_not(pool, POLICY, solution, mentee, mentor)
            for mentor in pool.mentors.id
            if solution.mentor_of.get(mentee) != mentor
        ]
        costs = sorted((one.coverage_loss, one.loss) for one in every if one.moves)
        assert [(one.coverage_loss, one.loss) for one in found] == costs[:5]


def test_alternatives_of_a_locked_mentee_are_none():
    pool = made_up(10, 10, (1, 1))
    locked = [solve(pool, POLICY).pairs[0].ids]
    solution = solve(pool, POLICY, locked=locked)
    assert alternatives_of(pool, POLICY, solution, locked[0][0], 5) == []


def test_mentees_who_want_several_mentors_are_solved_again():
    pool = made_up(12, 12, (1, 1))
    mentees = replace(pool.mentees, capacity=(1,) * 11 + (2,))
    pool = Pool(mentees=mentees, mentors=pool.mentors)
    solution = solve(pool, POLICY)
    pair = open_pairs(pool, POLICY, solution, 1)[0]
    with pytest.raises(NoPrices):
        Chains(pool, POLICY, solution)
    best = solve(pool, POLICY, locked=[pair])
    assert why_not(pool, POLICY, solution, *pair).loss == solution.total - best.total


def test_rewards_of_an_earlier_run_do_not_count():
    pool = made_up(20, 20, (1, 1))
    earlier = solve(pool, replace(POLICY, rules=()), seed=5)
    solution = solve(pool, POLICY, previous=earlier)
    pair = open_pairs(pool, POLICY, solution, 1)[0]
    best = solve(pool, POLICY, locked=[pair])
    assert why_not(pool, POLICY, solution, *pair).loss == solution.total - best.total
