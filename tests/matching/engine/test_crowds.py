"""Who competes for what: a set of Hall for each person left out, with names, local to them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import (
    Criterion,
    People,
    Person,
    Policy,
    Pool,
    crowds,
    solve,
    solve_scores,
    why_unmatched,
)
from tests.matching.engine.oracle import matrices

QUICK = settings(max_examples=150)


def reach(scores, seats, solution, mentee) -> set[int]:
    """Return the mentors within reach of a mentee, one at a time."""
    sits = [(pair.mentee, pair.mentor) for pair in solution.pairs]
    found, open_mentees = set(), [mentee]
    while open_mentees:
        row = scores[open_mentees.pop()]
        fresh = {k for k, score in enumerate(row) if score >= 0 and seats[k] > 0} - found
        found |= fresh
        open_mentees += [who for who, mentor in sits if mentor in fresh]
    return found


@QUICK
@given(
    matrices(),
    st.sampled_from(["coverage", "total", "leximin"]),
    st.sampled_from(["dense", "pricing"]),
)
def test_crowd_of_everybody_left_out_is_what_a_plain_search_finds(case, objective, solver):
    scores, seats = case
    solution = solve_scores(scores, capacity=seats, objective=objective, solver=solver)
    load = solution.load
    codes = {one.mentee: one for one in solution.unmatched}
    for mentee, one in codes.items():
        mentors = reach(scores, seats, solution, mentee)
        if not mentors:
            assert one.code == "no_mentor_allowed"
        elif any(load[mentor] < seats[mentor] for mentor in mentors):
            assert one.code == "total_first"
        else:
            inside = {pair.mentee for pair in solution.pairs if pair.mentor in mentors}
            for other in codes:
                wanted = {k for k, s in enumerate(scores[other]) if s >= 0 and seats[k] > 0}
                if wanted and wanted <= mentors:
                    inside.add(other)
            facts = dict(one.facts)
            assert sorted(facts.pop("mentor_ids")) == sorted(mentors)
            named = facts.pop("mentee_ids")
            assert (named[0], sorted(named)) == (mentee, sorted(inside))
            count = sum(seats[mentor] for mentor in mentors)
            assert facts == {"mentees": len(inside), "seats": count, "mentors": len(mentors)}
            assert len(inside) > count


@QUICK
@given(matrices(), st.sampled_from(["coverage", "total"]))
def test_crowds_that_remember_every_search_are_those_that_remember_none(case, objective):
    scores, seats = case
    plain = solve_scores(scores, capacity=seats, objective=objective)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowds, "LONG_SEARCH", 0)
        remembering = solve_scores(scores, capacity=seats, objective=objective)
    assert remembering.unmatched == plain.unmatched


def towns(count: int, mentees: int, mentors: int) -> np.ndarray:
    """Scores of many towns: people fit only within their own."""
    rng = np.random.default_rng(2)
    scores = np.full((count * mentees, count * mentors), -1)
    for town in range(count):
        block = np.s_[town * mentees : (town + 1) * mentees, town * mentors : (town + 1) * mentors]
        scores[block] = rng.integers(1, 1_000_000, (mentees, mentors))
    return scores


@pytest.mark.parametrize("objective", ["coverage", "total"])
def test_crowd_in_a_large_pool_is_of_the_persons_own_town(objective):
    solution = solve_scores(towns(40, 12, 5), capacity=2, objective=objective, solver="pricing")
    assert solution.certificate.solver == "pricing"
    assert len(solution.unmatched) == 80
    for one in solution.unmatched:
        town = one.mentee // 12
        assert one.code == "out_competed"
        assert (one.facts["mentees"], one.facts["seats"], one.facts["mentors"]) == (12, 10, 5)
        assert {mentor // 5 for mentor in one.facts["mentor_ids"]} == {town}
        assert {mentee // 12 for mentee in one.facts["mentee_ids"]} == {town}


def test_crowd_names_those_who_fit_the_person_best_first():
    scores = np.full((40, 30), 500)
    scores[39] = [100 + mentor for mentor in range(30)]
    solution = solve_scores(scores, capacity=1, solver="pricing")
    facts = next(one for one in solution.unmatched if one.mentee == 39).facts
    assert (facts["mentees"], facts["seats"]) == (40, 30)
    assert facts["mentor_ids"] == list(range(29, 17, -1))
    assert facts["mentee_ids"][0] == 39
    assert len(facts["mentee_ids"]) == 12


def test_crowds_in_a_chain_grow_by_what_the_mentors_mentees_want():
    """Mentee k wants mentors k and k + 1; the last is left out of a chain with one seat too few."""
    scores = np.full((5, 4), -1)
    for mentor, (one, other) in enumerate(pairwise(range(5))):
        scores[one, mentor] = scores[other, mentor] = 100 + mentor
    solution = solve_scores(scores, capacity=1)
    [one] = solution.unmatched
    assert (one.code, one.facts["mentees"], one.facts["seats"]) == ("out_competed", 5, 4)


def test_why_unmatched_of_a_pool_names_ids_of_mentors():
    pool = Pool(
        mentees=People.of(Person(id=f"e{k}", skills_wanted={"sql": 1}) for k in range(3)),
        mentors=People.of(Person(id=f"o{k}", skills_offered={"sql"}, capacity=1) for k in range(2)),
    )
    policy = Policy(criteria=(Criterion("skills", 1),))
    solution = solve(pool, policy, seed=1)
    left = solution.unmatched[0].mentee_id
    facts = why_unmatched(pool, policy, solution, left).facts
    others = sorted({"e0", "e1", "e2"} - {left})
    assert facts["mentor_ids"] == ["o0", "o1"]
    assert facts["mentee_ids"] == [left, *others]
