"""The checker finds what is wrong with a solution that somebody has tampered with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching.engine import Criterion, People, Policy, Pool, Rule, Unmatched, check, solve

POLICY = Policy(
    criteria=(Criterion("skills", 3), Criterion("experience", 1)),
    rules=(Rule("level_gap", {"min": 0}),),
    minimum_fit=300_000,
)
POOL = Pool(
    mentees=People(
        id=("m0", "m1", "m2", "m3"),
        skills_wanted=({"a": 1, "b": 1}, {"a": 1}, {"a": 1, "c": 1, "d": 1}, {"x": 1}),
        level=(1, 1, 1, 1),
        capacity=(1, 1, 1, 0),
    ),
    mentors=People(
        id=("o0", "o1", "o2"),
        skills_offered=({"a", "b"}, {"a"}, {"y"}),
        level=(1, 1, 0),
        experience=(1, 2, 2),
    ),
)


@pytest.fixture
def solution():
    found = solve(POOL, POLICY)
    assert found.mentor_of == {"m0": "o0", "m1": "o1"}
    return found


def codes(solution) -> set[str]:
    return {violation.code for violation in check(POOL, POLICY, solution)}


def changed(solution, place: int, **fields):
    pairs = list(solution.pairs)
    pairs[place] = replace(pairs[place], **fields)
    return replace(solution, pairs=tuple(pairs))


def test_check_of_an_untouched_solution_finds_nothing(solution):
    assert codes(solution) == set()


def test_check_finds_a_wrong_score_and_wrong_contributions(solution):
    assert "wrong_score" in codes(changed(solution, 0, score=999_999))
    assert codes(changed(solution, 0, contributions=(1, 2))) == {"wrong_contributions"}


def test_check_finds_a_pair_whose_ids_are_not_its_rows(solution):
    assert "wrong_ids" in codes(changed(solution, 0, mentor=1))
    assert "wrong_ids" in codes(changed(solution, 0, mentor=-1))


def test_check_finds_a_mentee_twice_or_nowhere(solution):
    assert "not_placed_once" in codes(replace(solution, unmatched=()))
    twice = (*solution.unmatched, Unmatched(0, "m0", "out_competed"))
    assert "not_placed_once" in codes(replace(solution, unmatched=twice))


def test_check_finds_a_broken_rule(solution):
    moved = changed(solution, 1, mentor=2, mentor_id="o2", score=250_000)
    [violation] = [v for v in check(POOL, POLICY, moved) if v.code == "rule"]
    assert violation.facts == {"rule": "level_gap"}
    assert violation.mentor_id == "o2"


def test_check_finds_a_full_mentor_and_a_wrong_load(solution):
    moved = changed(solution, 1, mentor=0, mentor_id="o0")
    assert {"over_capacity", "wrong_load"} <= codes(moved)


def test_check_finds_a_pair_below_the_bound_unless_a_person_locked_it(solution):
    higher = replace(solution, minimum_fit=990_000)
    assert "below_bound" in codes(higher)
    assert "below_bound" in codes(replace(solution, floor=990_000))
    assert "below_bound" not in codes(changed(changed(higher, 0, locked=True), 1, locked=True))


def test_check_finds_a_pair_of_somebody_who_takes_no_part(solution):
    unmatched = tuple(one for one in solution.unmatched if one.mentee_id != "m3")
    pair = replace(solution.pairs[1], mentee=3, mentee_id="m3")
    pairs = (solution.pairs[0], pair)
    left = (*unmatched, Unmatched(1, "m1", "out_competed"))
    assert "takes_no_part" in codes(replace(solution, pairs=pairs, unmatched=left))


def test_check_finds_a_held_pair_of_somebody_who_has_a_mentor(solution):
    assert "held_but_paired" in codes(replace(solution, held=(solution.pairs[0],)))


def test_check_finds_a_proof_that_proves_nothing(solution):
    proof = solution.certificate
    low = replace(proof, mentor_prices=(0,) * 3, mentee_prices=(0,) * 4)
    assert {"not_proved", "pair_worth_more_than_prices"} <= codes(
        replace(solution, certificate=low)
    )
    assert "wrong_primal" in codes(replace(solution, certificate=replace(proof, primal=1)))
    prices = (*proof.mentee_prices[:-1], -1)
    assert "price_below_zero" in codes(
        replace(solution, certificate=replace(proof, mentee_prices=prices))
    )


def test_check_finds_a_solution_that_is_not_the_best(solution):
    worse = replace(solution, pairs=solution.pairs[:1], load=(1, 0, 0))
    left = (*solution.unmatched, Unmatched(1, "m1", "out_competed"))
    assert "wrong_primal" in codes(replace(worse, unmatched=left))


def test_check_reads_hours_as_booleans_answers_as_numbers_and_both_managers():
    hours = tuple(hour in (9, 10) for hour in range(168))
    pool = Pool(
        mentees=People(
            id=("m0", "m1"),
            person=(1, 2),
            manager=(8, 3),
            hours=(hours, hours),
            answers=({"scale": 3}, {"scale": 4}),
        ),
        mentors=People(
            id=("o0", "o1"),
            person=(3, 4),
            manager=(9, 8),
            hours=(1 << 9, hours),
            answers=({"scale": 3.0}, {"scale": 4}),
        ),
        earlier_pairs={(4, 2)},
    )
    rules = (
        Rule("answer_same", {"question": "scale"}),
        Rule("minimum_shared_hours", {"hours": 1}),
        Rule("reporting_line", {"same_manager": True}),
        Rule("earlier_pair"),
    )
    policy = Policy(criteria=(Criterion("shared_hours", 1),), rules=rules)
    found = solve(pool, policy)
    assert [(p.ids, p.score) for p in found.pairs] == [(("m0", "o0"), 250_000)]
    assert check(pool, policy, found) == []
    swapped = replace(found.pairs[0], mentor=1, mentor_id="o1", score=500_000)
    broken = check(pool, policy, replace(found, pairs=(swapped,), load=(0, 1)))
    assert [v.facts for v in broken if v.code == "rule"] == [
        {"rule": "answer_same:scale"},
        {"rule": "reporting_line"},
    ]
