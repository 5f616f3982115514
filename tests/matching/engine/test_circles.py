"""Circles: best for small pools by brute force, locked and forbidden people, and their checker."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import (
    BrokenPair,
    Cancelled,
    CircleShape,
    Criterion,
    InvalidPolicy,
    InvalidPool,
    LockedBeyondCapacity,
    LockedPairForbidden,
    LockedTwice,
    People,
    Person,
    Policy,
    Pool,
    Rule,
    UnknownId,
    check_circles,
    judge_circle,
    score_pool,
    seating,
    solve_circles,
)
from matching.engine import circles as solver

SKILLS = ("sql", "coaching", "budgeting", "writing")
WISHES = Criterion("skills", 1)
POLICY = Policy(criteria=(WISHES, Criterion("interests", 1)))
SHAPE = CircleShape()


def mentee(number: int, wants: str = "", **fields) -> Person:
    return Person(id=number, skills_wanted=dict.fromkeys(wants.split(), 3), **fields)


def mentor(number: int, offers: str = "", **fields) -> Person:
    return Person(id=number, skills_offered=frozenset(offers.split()), **fields)


def pool_of(mentees, mentors, **fields) -> Pool:
    return Pool(mentees=People.of(mentees), mentors=People.of(mentors), **fields)


def crowd(mentees: int, mentors: int, *, seed: int = 0, order: int | None = None, **fields) -> Pool:
    """Return mentees 1, 2, ... and mentors 101, 102, ...; ``order`` shuffles their rows."""
    draw = random.Random(seed)  # noqa: S311
    learning = [
        mentee(
            number,
            " ".join(draw.sample(SKILLS, 2)),
            interests=frozenset(draw.sample("abcdef", 3)),
            manager=draw.choice([None, 101, 102, 900, 901]),
        )
        for number in range(1, mentees + 1)
    ]
    teaching = [
        mentor(
            number,
            " ".join(draw.sample(SKILLS, 2)),
            interests=frozenset(draw.sample("abcdef", 3)),
        )
        for number in range(101, mentors + 101)
    ]
    if order is not None:
        random.Random(order).shuffle(learning)  # noqa: S311
        random.Random(order).shuffle(teaching)  # noqa: S311
    return pool_of(learning, teaching, **fields)


def who(found) -> list[tuple[tuple, tuple]]:
    return [(one.mentor_ids, tuple(seat.id for seat in one.seats)) for one in found.circles]


def test_solve_circles_with_two_subjects_seats_everybody_where_they_learn():
    pool = pool_of(
        [mentee(number, "sql" if number % 2 else "writing") for number in range(1, 9)],
        [mentor(101, "sql"), mentor(102, "writing")],
    )
    policy = Policy(criteria=(WISHES,))
    found = solve_circles(pool, policy, SHAPE)
    assert who(found) == [((101,), (1, 3, 5, 7)), ((102,), (2, 4, 6, 8))]
    assert [seat.score for seat in found.circles[0].seats] == [1_000_000] * 4
    assert (found.total, found.bound, found.placed, found.most_people) == (
        8_000_000,
        8_000_000,
        8,
        8,
    )
    assert (found.is_exact, found.gap, found.idle, found.left_over) == (True, 0, (), ())
    assert check_circles(pool, policy, SHAPE, found) == []


def test_solve_circles_with_too_few_for_two_circles_opens_one():
    """Two want to write and four want SQL: no circle of two, and nobody is left without need."""
    pool = pool_of(
        [mentee(number, "sql" if number > 2 else "writing") for number in range(1, 7)],
        [mentor(101, "sql"), mentor(102, "writing")],
    )
    policy = Policy(criteria=(WISHES,))
    found = solve_circles(pool, policy, CircleShape(least=4))
    assert who(found) == [((101,), (1, 2, 3, 4, 5, 6))]
    assert found.idle == (102,)
    fitting = solve_circles(pool, replace(policy, minimum_fit=500_000), CircleShape(least=4))
    assert who(fitting) == [((101,), (3, 4, 5, 6))]
    assert [(one.id, one.code, one.facts) for one in fitting.left_over] == [
        (1, "circle_too_small", {"mentors": 1, "least": 4}),
        (2, "circle_too_small", {"mentors": 1, "least": 4}),
    ]


def test_solve_circles_with_more_people_than_seats_says_who_has_none():
    pool = pool_of([mentee(number, "sql") for number in range(1, 9)], [mentor(101, "sql")])
    found = solve_circles(pool, Policy(criteria=(WISHES,)), SHAPE)
    assert (found.placed, found.most_people) == (6, 6)
    assert [(one.code, one.facts) for one in found.left_over] == [
        ("no_seat_left", {"mentors": 1, "circles": 1, "full": 1})
    ] * 2


def test_solve_circles_with_nobody_allowed_names_the_rule():
    pool = pool_of(
        [mentee(number, manager=101) for number in (1, 2, 3)],
        [mentor(101), mentor(102, capacity=0)],
    )
    found = solve_circles(pool, POLICY, SHAPE)
    assert found.circles == ()
    assert found.idle == (101,)
    assert [(one.code, one.facts) for one in found.left_over] == [
        ("no_mentor_allowed", {"mentors": 1, "rules": {"reporting_line": 1}})
    ] * 3
    assert check_circles(pool, POLICY, SHAPE, found) == []


def test_solve_circles_below_the_minimum_fit_seats_nobody_and_tells_the_best():
    policy = Policy(criteria=(WISHES,), minimum_fit=600_000)
    pool = pool_of([mentee(number, "sql writing") for number in (1, 2, 3)], [mentor(101, "sql")])
    found = solve_circles(pool, policy, SHAPE)
    assert found.circles == ()
    assert [(one.code, one.facts) for one in found.left_over] == [
        ("circle_below_fit", {"best": 500_000, "mentor_id": 101, "minimum_fit": 600_000})
    ] * 3


@pytest.mark.parametrize(("mentees", "mentors"), [(0, 0), (4, 0), (0, 2), (2, 2)])
def test_solve_circles_of_nearly_nobody_opens_none(mentees, mentors):
    pool = crowd(mentees, mentors)
    found = solve_circles(pool, POLICY, SHAPE)
    assert (found.circles, found.total, found.bound, found.is_exact) == ((), 0, 0, True)
    assert len(found.left_over) == mentees
    assert len(found.idle) == mentors
    assert check_circles(pool, POLICY, SHAPE, found) == []


def test_solve_circles_with_a_manager_and_a_report_keeps_them_apart():
    pool = pool_of(
        [mentee(1), *(mentee(number, manager=1) for number in (2, 3)), mentee(4), mentee(5)],
        [mentor(101)],
    )
    found = solve_circles(pool, POLICY, SHAPE)
    assert who(found) == [((101,), (2, 3, 4, 5))]
    assert [(one.id, one.code, one.facts) for one in found.left_over] == [
        (1, "no_seat_left", {"mentors": 1, "circles": 1, "full": 0})
    ]


def test_solve_circles_with_an_override_lets_manager_and_report_sit_together():
    pool = pool_of(
        [mentee(1), mentee(2, manager=1), mentee(3)],
        [mentor(101)],
        overrides=frozenset({(1, 2, "reporting_line")}),
    )
    found = solve_circles(pool, POLICY, SHAPE)
    assert who(found) == [((101,), (1, 2, 3))]
    assert check_circles(pool, POLICY, SHAPE, found) == []


def test_solve_circles_with_reports_of_one_manager_keeps_them_apart_if_the_policy_does():
    policy = replace(POLICY, rules=(Rule("reporting_line", {"same_manager": True}),))
    pool = pool_of(
        [mentee(number, manager=900 if number < 4 else None) for number in range(1, 7)],
        [mentor(101)],
    )
    found = solve_circles(pool, policy, SHAPE)
    assert found.placed == 4
    assert {4, 5, 6} < set(who(found)[0][1])
    assert check_circles(pool, policy, SHAPE, found) == []


def test_solve_circles_with_a_locked_circle_keeps_it_whatever_its_size():
    pool = crowd(12, 3)
    found = solve_circles(pool, POLICY, SHAPE, locked=[((103,), (5, 9))])
    assert found.circles[0].locked
    assert who(found)[0] == ((103,), (5, 9))
    assert check_circles(pool, POLICY, SHAPE, found) == []


@pytest.mark.parametrize(
    ("locked", "error"),
    [
        ([((101,), (1, 99))], UnknownId),
        ([((999,), (1, 2))], UnknownId),
        ([((101,), (1, 2)), ((102,), (2, 3))], LockedTwice),
        ([((101,), (1, 2)), ((101,), (3, 4))], LockedTwice),
        ([((103,), (1, 2))], LockedBeyondCapacity),
        ([((101,), (3, 4))], LockedPairForbidden),
        ([((101,), (1, 4))], LockedPairForbidden),
        ([((101,), ())], InvalidPool),
    ],
)
def test_solve_circles_with_locks_that_cannot_be_refuses(locked, error):
    pool = pool_of(
        [mentee(1), mentee(2), mentee(3, manager=101), mentee(4)],
        [mentor(101), mentor(102), mentor(103, capacity=0)],
        must_not_pairs=frozenset({(4, 1)}),
    )
    with pytest.raises(error):
        solve_circles(pool, POLICY, SHAPE, locked=locked)


def test_solve_circles_with_previous_circles_keeps_what_is_as_good():
    pool = pool_of(
        [mentee(number, "sql") for number in range(1, 9)], [mentor(101, "sql"), mentor(102, "sql")]
    )
    stood = [((101,), (2, 4, 6, 8)), ((102,), (1, 3, 5, 7))]
    found = solve_circles(pool, POLICY, SHAPE, previous=[*stood, ((77,), (1,))])
    assert who(found) == stood


def test_solve_circles_for_the_fairest_refuses():
    with pytest.raises(InvalidPolicy):
        solve_circles(crowd(4, 1), replace(POLICY, objective="leximin"), SHAPE)


@pytest.mark.parametrize("numbers", [(0, 3, 6), (4, 3, 6), (1, 2, 6), (1, 5, 4), (1, 3, 9)])
def test_circle_shape_out_of_bounds_refuses(numbers):
    with pytest.raises(InvalidPolicy):
        CircleShape(*numbers)


@pytest.mark.parametrize("seed", [0, 7])
def test_solve_circles_in_another_order_gives_the_same_circles(seed):
    found = [
        solve_circles(crowd(24, 6, seed=4, order=order), POLICY, SHAPE, seed=seed)
        for order in (None, None, 1, 2)
    ]
    assert len({tuple(who(one)) for one in found}) == 1
    assert found[0].is_exact


def test_solve_circles_for_the_total_leaves_out_who_costs_more_than_they_bring():
    """With the third, both circles open for most people; the total wants the four at one."""
    shared = {"interests": frozenset({"chess"})}
    pool = pool_of(
        [*(mentee(number, **shared) for number in (1, 2, 3)), mentee(4), mentee(5)],
        [mentor(101, interests=frozenset({"chess"})), mentor(102)],
        must_not_pairs=frozenset({(4, 101), (5, 101)}),
    )
    policy = Policy(criteria=(Criterion("interests", 1, {"enough": 1}),))
    most = solve_circles(pool, policy, SHAPE)
    best = solve_circles(pool, replace(policy, objective="total"), SHAPE)
    assert (most.placed, most.total) == (5, 0)
    assert (best.placed, best.total) == (3, 3_000_000)


def test_judge_circle_of_any_people_names_scores_and_every_broken_rule():
    pool = pool_of(
        [mentee(1, "sql writing"), mentee(2, manager=101), mentee(3, manager=1), mentee(4)],
        [mentor(101, "sql"), mentor(102, manager=101)],
        must_not_pairs=frozenset({(4, 1)}),
    )
    scored = score_pool(pool, Policy(criteria=(WISHES,)))
    judged = judge_circle(scored, [101, 102], [1, 2, 3, 4])
    assert [seat.score for seat in judged.seats] == [250_000, 0, 0, 0]
    assert judged.broken == (
        BrokenPair(2, 101, "reporting_line"),
        BrokenPair(101, 102, "reporting_line"),
        BrokenPair(1, 3, "reporting_line"),
        BrokenPair(1, 4, "must_not_pair"),
    )
    with pytest.raises(UnknownId):
        judge_circle(scored, [101], [99])


def test_judge_circle_with_three_mentors_shares_out_the_mean_to_the_point():
    pool = crowd(4, 3)
    scored = score_pool(pool, POLICY)
    judged = judge_circle(scored, [101, 102, 103], [1, 2, 3, 4])
    matrix = scored.matrix()
    assert [seat.score for seat in judged.seats] == [sum(row) // 3 for row in matrix.tolist()]
    assert all(sum(seat.contributions) == seat.score for seat in judged.seats)


def has_conflict(pool: Pool, people: People, rows) -> bool:
    """Tell whether two of one side may not sit together."""
    return any(
        people.manager[one] == people.person[other]
        or (people.person[one], people.person[other]) in pool.must_not_pairs
        for one, other in permutations(rows, 2)
    )


def every_circle(pool: Pool, policy: Policy, shape: CircleShape, team) -> list:
    """Return (mentors, mentees, worth) of every circle that a team of mentors can have."""
    scores = score_pool(pool, policy).matrix().tolist()
    able = [
        row
        for row, own in enumerate(scores)
        if all(own[host] >= policy.minimum_fit for host in team)
    ]
    worth = {row: sum(scores[row][host] for host in team) // len(team) for row in able}
    return [
        (frozenset(team), frozenset(rows), sum(worth[row] for row in rows))
        for size in range(shape.least, shape.most + 1)
        for rows in combinations(able, size)
        if not has_conflict(pool, pool.mentees, rows)
    ]


def every_seating(pool: Pool, policy: Policy, shape: CircleShape) -> set[tuple[int, int]]:
    """Return (people, total) of everything that may be done, by plain trying."""
    found = {(frozenset(), frozenset(), 0)}
    for team in combinations(range(len(pool.mentors)), shape.mentors):
        if has_conflict(pool, pool.mentors, team):
            continue
        options = every_circle(pool, policy, shape, team)
        found |= {
            (led | hosts, seated | rows, total + worth)
            for led, seated, total in found
            for hosts, rows, worth in options
            if not seated & rows and not led & hosts
        }
    return {(len(seated), total) for _, seated, total in found}


@settings(max_examples=80, deadline=None)
@given(
    mentees=st.integers(3, 8),
    mentors=st.integers(1, 3),
    seed=st.integers(0, 10_000),
    apart=st.sets(
        st.tuples(st.integers(1, 8), st.sampled_from([1, 2, 3, 4, 5, 101, 102])), max_size=6
    ),
    objective=st.sampled_from(["coverage", "total"]),
    fit=st.sampled_from([0, 0, 300_000]),
    most=st.integers(3, 5),
)
def test_solve_circles_of_any_small_pool_is_best(
    mentees, mentors, seed, apart, objective, fit, most
):
    pool = crowd(mentees, mentors, seed=seed, must_not_pairs=frozenset(apart))
    policy = replace(POLICY, objective=objective, minimum_fit=fit)
    is_best(pool, policy, CircleShape(most=most), seed=seed % 3)


@settings(max_examples=40, deadline=None)
@given(
    mentees=st.integers(3, 8),
    mentors=st.integers(2, 5),
    size=st.sampled_from([2, 2, 3]),
    seed=st.integers(0, 10_000),
    apart=st.sets(
        st.tuples(st.integers(101, 105), st.sampled_from([1, 2, 101, 102, 103])), max_size=4
    ),
    objective=st.sampled_from(["coverage", "total"]),
)
def test_solve_circles_with_several_mentors_of_any_small_pool_is_best(
    mentees, mentors, size, seed, apart, objective
):
    pool = crowd(mentees, mentors, seed=seed, must_not_pairs=frozenset(apart))
    is_best(pool, replace(POLICY, objective=objective), CircleShape(mentors=size, most=4))


def is_best(pool: Pool, policy: Policy, shape: CircleShape, seed: int = 0) -> None:
    found = solve_circles(pool, policy, shape, seed=seed)
    assert check_circles(pool, policy, shape, found) == []
    every = every_seating(pool, policy, shape)
    rank = (lambda one: one) if policy.objective == "coverage" else (lambda one: one[1])
    assert found.is_exact
    assert rank((found.placed, found.total)) == max(map(rank, every))


@settings(max_examples=60, deadline=None)
@given(
    mentees=st.integers(3, 8),
    mentors=st.integers(1, 4),
    size=st.sampled_from([1, 2, 3]),
    seed=st.integers(0, 10_000),
    apart=st.sets(st.tuples(st.integers(1, 8), st.sampled_from([1, 2, 3, 101])), max_size=6),
    objective=st.sampled_from(["coverage", "total"]),
    gives_up=st.booleans(),
)
def test_solve_circles_in_parts_keeps_all_rules_and_below_a_true_bound(
    mentees, mentors, size, seed, apart, objective, gives_up
):
    pool = crowd(mentees, mentors, seed=seed, must_not_pairs=frozenset(apart))
    policy = replace(POLICY, objective=objective)
    shape = CircleShape(mentors=size, most=4)
    with pytest.MonkeyPatch.context() as patch:
        if not gives_up:
            patch.setattr(solver, "MOST_CELLS", {1: -1, 2: -1, 3: -1})
        else:
            patch.setattr(seating, "MOST_NODES", 0)
        found = solve_circles(pool, policy, shape)
    assert check_circles(pool, policy, shape, found) == []
    every = every_seating(pool, policy, shape)
    assert found.most_people >= max(people for people, _ in every)
    most_first = objective == "coverage"
    reached = [total for people, total in every if not most_first or people >= found.placed]
    assert found.bound >= max(reached)
    assert found.is_exact or found.certificate


@pytest.mark.parametrize("size", [1, 2, 3])
def test_solve_circles_beyond_the_limit_is_near_the_best_and_says_how_far(size, monkeypatch):
    pool = crowd(36, 9, seed=3, must_not_pairs=frozenset({(1, 2), (2, 3), (101, 102)}))
    shape = CircleShape(mentors=size)
    best = solve_circles(pool, POLICY, shape)
    monkeypatch.setattr(solver, "MOST_CELLS", {1: 0, 2: 0, 3: 0})
    found = solve_circles(pool, POLICY, shape)
    assert best.is_exact
    assert not found.is_exact
    assert found.placed == best.placed == min(36, 9 // size * 6)
    assert 0.97 * best.total <= found.total <= best.total <= found.bound
    assert check_circles(pool, POLICY, shape, found) == []
    assert who(found) == who(solve_circles(pool, POLICY, shape))


def test_solve_circles_beyond_the_limit_in_another_order_gives_the_same_circles(monkeypatch):
    monkeypatch.setattr(solver, "MOST_CELLS", {1: 0})
    found = [
        solve_circles(crowd(60, 14, seed=4, order=order), POLICY, SHAPE, seed=5)
        for order in (None, 1, 2)
    ]
    assert len({tuple(who(one)) for one in found}) == 1


def test_solve_circles_with_two_mentors_each_puts_those_together_who_share_mentees():
    pool = pool_of(
        [
            mentee(number, "sql coaching" if number % 2 else "writing budgeting")
            for number in range(1, 9)
        ],
        [
            mentor(101, "sql"),
            mentor(102, "writing"),
            mentor(103, "budgeting"),
            mentor(104, "coaching"),
        ],
    )
    found = solve_circles(pool, Policy(criteria=(WISHES,)), CircleShape(mentors=2))
    assert who(found) == [((101, 104), (1, 3, 5, 7)), ((102, 103), (2, 4, 6, 8))]
    assert [seat.score for seat in found.circles[0].seats] == [500_000] * 4


def test_solve_circles_with_two_mentors_each_parts_manager_and_report_and_locks_any():
    pool = pool_of(
        [mentee(number) for number in range(1, 10)],
        [mentor(101), mentor(102, manager=101), mentor(103), mentor(104, manager=103)],
    )
    shape = CircleShape(mentors=2)
    found = solve_circles(pool, POLICY, shape)
    assert [set(one.mentor_ids) for one in found.circles] not in ([{101, 102}], [{103, 104}])
    assert found.placed == 9
    locked = solve_circles(pool, POLICY, shape, locked=[((104,), (1, 2, 3, 4))])
    assert who(locked)[0] == ((104,), (1, 2, 3, 4))
    assert locked.placed == 9
    assert check_circles(pool, POLICY, shape, locked) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda found: {"bound": found.bound - 1},
        lambda found: {"bound": found.bound + 1},
        lambda found: {"certificate": None},
        lambda found: {"priced": found.priced[1:]},
        lambda found: {"priced_mentors": found.priced_mentors[1:]},
        lambda found: {"beyond": ()},
    ],
)
def test_check_circles_of_a_bound_without_its_prices_finds_it(change, monkeypatch):
    monkeypatch.setattr(solver, "MOST_CELLS", {2: 0})
    pool = crowd(12, 4)
    shape = CircleShape(mentors=2)
    found = solve_circles(pool, POLICY, shape)
    assert check_circles(pool, POLICY, shape, found) == []
    wrong = replace(found, **change(found))
    codes = {violation.code for violation in check_circles(pool, POLICY, shape, wrong)}
    assert "not_proved" in codes


def test_check_circles_with_prices_too_low_names_the_pair(monkeypatch):
    monkeypatch.setattr(solver, "MOST_CELLS", {1: 0})
    pool = crowd(12, 3)
    found = solve_circles(pool, POLICY, SHAPE)
    cheap = replace(found.certificate, mentee_prices=(-1,) + (0,) * 11, mentor_prices=(0,) * 3)
    codes = [
        violation.code
        for violation in check_circles(pool, POLICY, SHAPE, replace(found, certificate=cheap))
    ]
    assert {"price_below_zero", "pair_worth_more_than_prices"} < {*codes}


def first(found, **changes):
    """Return the circles with a change to the first."""
    return (replace(found.circles[0], **changes), *found.circles[1:])


def first_seat(found, **changes):
    seats = found.circles[0].seats
    return {"circles": first(found, seats=(replace(seats[0], **changes), *seats[1:]))}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda found: {"bound": found.total - 1}, "above_the_bound"),
        (lambda found: {"bound": found.total + 1}, "not_proved"),
        (lambda found: {"most_people": found.placed - 1}, "above_the_bound"),
        (lambda found: {"circles": found.circles[1:]}, "not_placed_once"),
        (lambda found: {"idle": found.circles[0].mentor_ids}, "not_placed_once"),
        (lambda found: {"circles": first(found, mentor_ids=(102,))}, "wrong_ids"),
        (lambda found: first_seat(found, id=99), "wrong_ids"),
        (lambda found: first_seat(found, score=5), "wrong_score"),
        (lambda found: first_seat(found, contributions=(1, 2)), "wrong_contributions"),
        (lambda found: {"is_exact": False}, "not_proved"),
        (lambda found: {"minimum_fit": 999_999}, "below_bound"),
    ],
)
def test_check_circles_of_a_wrong_answer_finds_it(change, code):
    pool = crowd(12, 3)
    found = solve_circles(pool, POLICY, SHAPE)
    wrong = replace(found, **change(found))
    assert code in {violation.code for violation in check_circles(pool, POLICY, SHAPE, wrong)}


def test_check_circles_of_another_shape_or_pool_finds_sizes_and_rules():
    pool = crowd(12, 3)
    found = solve_circles(pool, POLICY, SHAPE)
    one, other = found.circles[0].seats[:2]
    stricter = replace(pool, must_not_pairs=frozenset({(one.id, other.id), (one.id, 101)}))
    assert {violation.code for violation in check_circles(stricter, POLICY, SHAPE, found)} == {
        "rule"
    }
    shape = CircleShape(least=7, most=8)
    assert {violation.code for violation in check_circles(pool, POLICY, shape, found)} == {
        "wrong_size"
    }


def test_solve_circles_that_takes_long_tells_so_and_can_be_cancelled(monkeypatch):
    monkeypatch.setattr(seating, "QUICK_CELLS", 0)
    monkeypatch.setattr(seating, "SECONDS_A_BEAT", 0.0)
    pool = crowd(60, 15)
    told = []
    found = solve_circles(pool, POLICY, SHAPE, progress=lambda *stage: told.append(stage))
    assert found.placed == 60
    assert told.count(("circles", 0, 1)) > 1

    def cancel(stage: str, done: int, total: int) -> None:
        if stage == "circles" and told.pop() == stage:
            raise Cancelled

    told[:] = ["circles", "before"]
    with pytest.raises(Cancelled):
        solve_circles(pool, POLICY, SHAPE, progress=cancel)


def test_beside_with_work_that_fails_raises_its_error():
    def work() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        seating.beside(work, seating.no_beat)
