"""Whoever has a place is measured alike by the solver and by hand, for every format."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching.engine import (
    CircleShape,
    Criterion,
    People,
    Person,
    Policy,
    Pool,
    Rule,
    UnknownId,
    placed_circles,
    placed_pairs,
    placed_peers,
    places_of,
    score_pool,
    solve,
    solve_circles,
    solve_peers,
)

SKILLS = ("sql", "coaching", "budgeting", "writing")
POLICY = Policy(criteria=(Criterion("skills", 2), Criterion("interests", 1)), objective="coverage")


def person(number: int, **fields) -> Person:
    return Person(
        id=number,
        skills_wanted={SKILLS[number % 4]: 3},
        skills_offered={SKILLS[(number + 1) % 4], SKILLS[number % 3]},
        interests={f"i{number % 5}", f"i{number % 2}"},
        **fields,
    )


def pool_of_two_sides(**fields) -> Pool:
    mentees = People.of([person(number) for number in range(9)])
    mentors = People.of([person(number, capacity=2) for number in range(20, 25)])
    return Pool(mentees=mentees, mentors=mentors, **fields)


def test_pairs_are_worth_by_hand_what_the_solver_says():
    pool = pool_of_two_sides()
    found = solve(pool, POLICY)

    places = places_of(found)

    assert len(places) == 9
    assert placed_pairs(score_pool(pool, POLICY), [pair.ids for pair in found.pairs]) == places


def test_peers_are_worth_by_hand_what_the_solver_says_and_stand_twice():
    people = [person(number) for number in range(8)]
    pool = Pool(mentees=People.of(people), mentors=People.of(people))
    found = solve_peers(pool, POLICY)

    places = places_of(found)

    assert placed_peers(score_pool(pool, POLICY), [pair.ids for pair in found.pairs]) == places
    assert all(places[placed.with_ids[0]].with_ids == (one,) for one, placed in places.items())


@pytest.mark.parametrize("mentors", [1, 2])
def test_circles_are_worth_by_hand_what_the_solver_says(mentors):
    pool = pool_of_two_sides()
    found = solve_circles(pool, POLICY, CircleShape(mentors=mentors, least=3, most=5))

    places = places_of(found)

    assert len(places) == found.placed > 0
    assert placed_circles(score_pool(pool, POLICY), [one.ids for one in found.circles]) == places


def test_seats_that_a_rule_breaks_are_marked():
    pool = pool_of_two_sides(must_not_pairs={(0, 1), (2, 21), (22, 23)})
    policy = replace(POLICY, rules=(Rule("must_not_pair"),))
    scored = score_pool(pool, policy)

    places = placed_circles(scored, [((20,), (0, 1, 4)), ((21,), (2, 3)), ((22, 23), (5, 6))])

    assert {one for one, placed in places.items() if placed.is_broken} == {0, 1, 2, 5, 6}


def test_nobody_has_a_place_in_nothing_and_strangers_are_refused():
    scored = score_pool(pool_of_two_sides(), POLICY)

    assert placed_circles(scored, []) == placed_pairs(scored, []) == {}
    with pytest.raises(UnknownId):
        placed_circles(scored, [((20,), (99,))])
