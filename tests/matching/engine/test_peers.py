"""Pairs of equals: best for small pools by brute force, good with a true bound for large ones."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import (
    Criterion,
    InvalidPolicy,
    InvalidPool,
    LockedPairForbidden,
    LockedTwice,
    People,
    Person,
    Policy,
    Pool,
    Rule,
    TooManyPeers,
    UnknownId,
    check_peers,
    score_pool,
    solve_peers,
)
from matching.engine import peers as solver

SKILLS = ("sql", "coaching", "budgeting", "writing")
WISHES = Criterion("skills", 1)
POLICY = Policy(criteria=(WISHES, Criterion("interests", 1)))


def pool_of(*rows: Person, **fields) -> Pool:
    people = People.of(rows)
    return Pool(mentees=people, mentors=People.of(rows), **fields)


def person(number: int, wants: str = "", offers: str = "", **fields) -> Person:
    return Person(
        id=number,
        skills_wanted=dict.fromkeys(wants.split(), 3),
        skills_offered=frozenset(offers.split()),
        **fields,
    )


def crowd(count: int, *, seed: int = 0, **fields) -> Pool:
    draw = random.Random(seed)  # noqa: S311
    rows = [
        person(
            number,
            " ".join(draw.sample(SKILLS, 2)),
            " ".join(draw.sample(SKILLS, 2)),
            interests=frozenset(draw.sample("abcdef", 2)),
            department=draw.choice("ABC"),
        )
        for number in range(1, count + 1)
    ]
    return pool_of(*rows, **fields)


def test_solve_peers_with_wishes_pairs_who_learn_from_each_other():
    pool = pool_of(
        person(1, "sql", "coaching"),
        person(2, "coaching", "sql"),
        person(3, "sql", "budgeting"),
        person(4, "budgeting", "sql"),
    )
    found = solve_peers(pool, Policy(criteria=(WISHES,)))
    assert [pair.ids for pair in found.pairs] == [(1, 2), (3, 4)]
    assert [pair.score for pair in found.pairs] == [2_000_000, 2_000_000]
    assert (found.total, found.bound, found.is_exact, found.gap) == (4_000_000, 4_000_000, True, 0)
    assert check_peers(pool, Policy(criteria=(WISHES,)), found) == []


def test_solve_peers_with_an_odd_number_leaves_one_and_says_why():
    pool = pool_of(person(1, "sql", "sql"), person(2, "sql", "sql"), person(3, "sql"))
    found = solve_peers(pool, Policy(criteria=(WISHES,)))
    assert [pair.ids for pair in found.pairs] == [(1, 2)]
    assert [(one.id, one.code, one.facts) for one in found.left_over] == [
        (3, "no_peer_left", {"peers": 2})
    ]


def test_solve_peers_with_a_rule_in_one_direction_forbids_both():
    pool = pool_of(person(1, manager=2), person(2), person(3))
    found = solve_peers(pool, Policy(criteria=(WISHES,)))
    assert (1, 2) not in [pair.ids for pair in found.pairs]


def test_solve_peers_with_nobody_allowed_names_the_rule():
    pool = pool_of(person(1, manager=2), person(2))
    found = solve_peers(pool, Policy(criteria=(WISHES,)))
    assert found.pairs == ()
    assert [(one.code, one.facts) for one in found.left_over] == [
        ("no_peer_allowed", {"rules": {"reporting_line": 1}}),
        ("no_peer_allowed", {"rules": {"reporting_line": 1}}),
    ]


def test_solve_peers_below_the_minimum_fit_holds_the_pair():
    policy = Policy(criteria=(WISHES,), minimum_fit=600_000)
    pool = pool_of(person(1, "sql", "coaching"), person(2, "writing", "sql"))
    found = solve_peers(pool, policy)
    assert [pair.ids for pair in found.held] == [(1, 2)]
    assert found.pairs == ()
    assert [(one.code, one.facts) for one in found.left_over] == [
        ("peer_below_fit", {"best": 500_000})
    ] * 2
    assert check_peers(pool, policy, found) == []


def test_solve_peers_with_a_locked_pair_keeps_it():
    pool = crowd(8)
    found = solve_peers(pool, POLICY, locked=[(7, 2)])
    locked = [pair for pair in found.pairs if pair.locked]
    assert [pair.ids for pair in locked] == [(2, 7)]
    assert check_peers(pool, POLICY, found) == []


def test_solve_peers_with_previous_pairs_keeps_what_is_as_good():
    pool = pool_of(*(person(number, "sql", "sql") for number in range(1, 7)))
    stood = [(1, 6), (2, 5), (3, 4)]
    found = solve_peers(pool, POLICY, previous=stood)
    assert [pair.ids for pair in found.pairs] == stood


@pytest.mark.parametrize(
    ("locked", "error"),
    [
        ([(1, 9)], UnknownId),
        ([(1, 2), (2, 3)], LockedTwice),
        ([(1, 1)], LockedTwice),
    ],
)
def test_solve_peers_with_locks_that_cannot_be_refuses(locked, error):
    with pytest.raises(error):
        solve_peers(crowd(4), POLICY, locked=locked)


def test_solve_peers_with_a_forbidden_lock_names_it():
    pool = crowd(4, must_not_pairs=frozenset({(1, 2)}))
    with pytest.raises(LockedPairForbidden, match=r"\(1, 2\)"):
        solve_peers(pool, POLICY, locked=[(1, 2)])


def test_solve_peers_of_two_sides_refuses():
    pool = Pool(mentees=People.of([person(1)]), mentors=People.of([person(2)]))
    with pytest.raises(InvalidPool):
        solve_peers(pool, POLICY)


def test_solve_peers_for_the_fairest_refuses():
    with pytest.raises(InvalidPolicy):
        solve_peers(crowd(4), replace(POLICY, objective="leximin"))


def test_solve_peers_with_too_many_refuses(monkeypatch):
    monkeypatch.setattr(solver, "MOST_PEERS", 3)
    with pytest.raises(TooManyPeers, match="4"):
        solve_peers(crowd(4), POLICY)


def test_solve_peers_in_another_order_gives_the_same_pairs():
    rows = [person(number, "sql", "sql", department="AB"[number % 2]) for number in range(1, 12)]
    shuffled = list(rows)
    random.Random(5).shuffle(shuffled)  # noqa: S311
    one, other = (solve_peers(pool_of(*people), POLICY) for people in (rows, shuffled))
    assert {pair.ids for pair in one.pairs} == {pair.ids for pair in other.pairs}


def test_solve_peers_with_more_people_than_total_forms_the_pairs():
    """The best total leaves two alone whom most people first would pair."""
    shared = {"interests": frozenset({"chess"})}
    pool = pool_of(
        person(1),
        person(2, **shared),
        person(3, **shared),
        person(4),
        must_not_pairs=frozenset({(1, 4), (1, 3), (2, 4)}),
    )
    policy = Policy(criteria=(Criterion("interests", 1, {"enough": 1}),))
    most = solve_peers(pool, policy)
    best = solve_peers(pool, replace(policy, objective="total"))
    assert {pair.ids for pair in most.pairs} == {(1, 2), (3, 4)}
    assert {pair.ids for pair in best.pairs} == {(2, 3)}
    assert (most.total, best.total) == (0, 2_000_000)


def best_by_force(worth, rows: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return (pairs, total) of every set of allowed pairs."""
    if not rows:
        return [(0, 0)]
    first, rest = rows[0], rows[1:]
    found = list(best_by_force(worth, rest))
    for place, other in enumerate(rest):
        if worth[first][other] >= 0:
            others = rest[:place] + rest[place + 1 :]
            found += [
                (count + 1, total + worth[first][other])
                for count, total in best_by_force(worth, others)
            ]
    return found


def worth_of(pool: Pool, policy: Policy):
    one_way = score_pool(pool, policy).matrix().tolist()
    size = range(len(one_way))
    return [
        [
            -1 if min(one_way[a][b], one_way[b][a]) < 0 else one_way[a][b] + one_way[b][a]
            for b in size
        ]
        for a in size
    ]


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(2, 8),
    seed=st.integers(0, 10_000),
    apart=st.sets(st.tuples(st.integers(1, 8), st.integers(1, 8)), max_size=12),
    objective=st.sampled_from(["coverage", "total"]),
    is_small=st.booleans(),
)
def test_solve_peers_of_any_small_pool_is_best_or_says_how_far(
    count, seed, apart, objective, is_small
):
    pool = crowd(count, seed=seed, must_not_pairs=frozenset(apart))
    policy = replace(POLICY, objective=objective, rules=(Rule("different_department"),))
    with pytest.MonkeyPatch.context() as patch:
        if not is_small:
            patch.setattr(solver, "MOST_EXACT_PEERS", 0)
        found = solve_peers(pool, policy)
    assert check_peers(pool, policy, found) == []
    every = best_by_force(worth_of(pool, policy), tuple(range(count)))
    reached = len(found.pairs), found.total
    if found.is_exact:
        rank = (lambda one: one) if objective == "coverage" else (lambda one: one[::-1])
        assert reached == max(every, key=rank)
    else:
        assert found.bound >= max(total for _, total in every)
        assert found.most_pairs >= max(pairs for pairs, _ in every)


def test_solve_peers_beyond_the_limit_is_near_its_bound_and_says_so():
    pool = crowd(340, seed=3)
    found = solve_peers(pool, POLICY)
    assert not found.is_exact
    assert len(found.pairs) == found.most_pairs == 170
    assert 0 <= found.gap < 0.02
    assert check_peers(pool, POLICY, found) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda found: {"bound": found.total - 1}, "above_the_bound"),
        (lambda found: {"pairs": found.pairs[1:]}, "not_placed_once"),
        (
            lambda found: {"pairs": (replace(found.pairs[0], score=5), *found.pairs[1:])},
            "wrong_score",
        ),
        (lambda found: {"held": found.pairs[:1]}, "held_but_paired"),
        (lambda found: {"is_exact": False}, "not_proved"),
    ],
)
def test_check_peers_of_a_wrong_answer_finds_it(change, code):
    pool = crowd(8)
    found = solve_peers(pool, POLICY)
    wrong = replace(found, **change(found))
    assert code in {violation.code for violation in check_peers(pool, POLICY, wrong)}
