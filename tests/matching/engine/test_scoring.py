"""Scores of blocks: exact, the same for any shape and order, the sum of their contributions."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import (
    CRITERIA,
    RULES,
    Criterion,
    InvalidPool,
    People,
    Person,
    Policy,
    Pool,
    Rule,
    rule_effects,
    score_pool,
)
from matching.engine.checking.pairs import Two, broken_rules
from matching.engine.checking.scores import PairScores
from matching.engine.features import Cells, Judged, Listed, Term, dense, matched
from matching.engine.sums import Sum
from tests.matching.engine.oracle import CRITERIA_CHOICES, RULE_CHOICES, cases

MANY = settings(max_examples=150)
QUICK = settings(max_examples=40)


def reference(pool: Pool, policy: Policy) -> list[list[int]]:
    """Judge every pair with the checker's plain loops."""
    scores = PairScores(pool, policy)
    pairs = [
        [Two(pool, left, right) for right in range(len(pool.mentors))]
        for left in range(len(pool.mentees))
    ]
    return [
        [-1 if broken_rules(pool, policy, two) else scores.score(two) for two in row]
        for row in pairs
    ]


@MANY
@given(cases())
def test_scores_of_small_pools_equal_plain_loops_over_pairs(case):
    pool, policy = case
    scored = score_pool(pool, policy)
    expected = reference(pool, policy)
    assert scored.matrix().tolist() == expected
    rows, cols = (axis.ravel() for axis in np.indices(scored.shape))
    assert scored.judged(rows, cols).reshape(scored.shape).tolist() == expected
    assert (
        scored.judged(rows.reshape(scored.shape)[:, :1], cols[None, : scored.shape[1]]).tolist()
        == expected
    )


@QUICK
@given(cases())
def test_rules_of_blocks_and_of_single_pairs_agree(case):
    pool, policy = case
    scored = score_pool(pool, policy)
    [block] = scored.blocks()
    rows, cols = (axis.ravel() for axis in np.indices(scored.shape))
    single = scored.forbidden_by(rows, cols)
    assert {key: found.ravel().tolist() for key, found in scored.forbidden_by(*block).items()} == {
        key: found.tolist() for key, found in single.items()
    }
    open_scores = scored.scores(*block)
    assert open_scores.ravel().tolist() == scored.scores(rows, cols).tolist()


def made_up_pool(mentees: int, mentors: int, *, width: int = 16) -> Pool:
    """People with frequent and rare skills, vectors, hours, and a few pairs kept apart."""
    rng = np.random.default_rng(7)
    return Pool(
        mentees=People.of(_person(rng, k, width) for k in range(mentees)),
        mentors=People.of(_person(rng, 10_000 + k, width) for k in range(mentors)),
        must_not_pairs={(k, 10_000 + k) for k in range(20)},
        overrides={(3, 10_003, "must_not_pair"), (5, 10_009, "level_gap")},
    )


def _person(rng: np.random.Generator, number: int, width: int) -> Person:
    skills = sorted({f"s{int(k)}" for k in rng.exponential(60, 5)})
    return Person(
        id=number,
        department=f"d{rng.integers(12)}",
        location=f"l{int(rng.exponential(20))}",
        level=int(rng.integers(6)),
        manager=int(rng.integers(40)),
        skills_wanted={skill: int(rng.integers(1, 4)) for skill in skills},
        skills_offered=skills,
        interests={f"i{k}" for k in rng.integers(0, 30, 3)},
        languages={"en", f"x{rng.integers(5)}"},
        hours=int(rng.integers(2**40)) << int(rng.integers(100)),
        experience=float(rng.random() * 4),
        answers={"years": float(rng.random() * 50), "style": f"{rng.integers(3)}"},
        preferred=tuple(int(k) for k in rng.integers(10_000, 10_050, 3)),
        goal_vector=rng.integers(-127, 128, width).astype(np.int8).tobytes(),
        about_vector=rng.integers(-127, 128, width).astype(np.int8),
    )


POLICY = Policy(
    criteria=(
        Criterion("skills", 30, {"related": {"s1": {"s2": 0.5, "s3": 0.25}}}),
        Criterion("goal_text", 20),
        Criterion("interests", 10),
        Criterion("shared_hours", 15, {"enough_hours": 7}),
        Criterion("seniority", 8, {"missing": 0.5}),
        Criterion("location", 5),
        Criterion("language", 3),
        Criterion("experience", 4),
        Criterion("preference", 7),
        Criterion("answer", 6, {"question": "years", "mode": "near", "range": 30}),
        Criterion("department", 2),
    ),
    rules=(
        Rule("reporting_line", {"same_manager": True}),
        Rule("different_department"),
        Rule("level_gap", {"min": 0}),
        Rule("minimum_shared_hours", {"hours": 3}),
        Rule("common_language"),
        Rule("answer_same", {"question": "style"}),
    ),
)


PRINT_HASH = """
import hashlib
from matching.engine import score_pool
from tests.matching.engine.test_scoring import POLICY, made_up_pool
print(hashlib.sha256(score_pool(made_up_pool(300, 500), POLICY).matrix().tobytes()).hexdigest())
"""


def reordered(people: People, order: np.ndarray) -> People:
    columns = {f.name: tuple(getattr(people, f.name)[k] for k in order) for f in fields(people)}
    return People(**columns)


def test_scores_of_a_larger_pool_equal_plain_loops_over_pairs():
    pool = made_up_pool(40, 30)
    assert score_pool(pool, POLICY).matrix().tolist() == reference(pool, POLICY)


def test_scores_are_the_same_bits_for_any_block_and_order():
    pool = made_up_pool(700, 1_300)
    scored = score_pool(pool, POLICY)
    whole = scored.matrix()
    assert 0.02 < (whole >= 0).mean() < 0.98
    rng = np.random.default_rng(1)
    rows, cols = rng.permutation(700)[:300], rng.permutation(1_300)[:77]
    assert (scored.judged_outer(rows, cols) == whole[np.ix_(rows, cols)]).all()
    assert (scored.judged(rows[:, None], cols[None, :]) == whole[np.ix_(rows, cols)]).all()
    floats = np.empty((3, 1_300), dtype=np.float32)
    assert (scored.judged_rows(400, 403, out=floats) == whole[400:403]).all()
    mentees, mentors = rng.permutation(700), rng.permutation(1_300)
    shuffled = replace(
        pool,
        mentees=reordered(pool.mentees, mentees),
        mentors=reordered(pool.mentors, mentors),
    )
    assert (score_pool(shuffled, POLICY).matrix() == whole[np.ix_(mentees, mentors)]).all()
    pairs = rng.integers(0, 700, 10_000), rng.integers(0, 1_300, 10_000)
    assert (scored.judged(*pairs) == whole[pairs]).all()
    assert (scored.contributions(*pairs).sum(axis=1) == scored.scores(*pairs)).all()
    assert (scored.contributions(*pairs).max(axis=0) <= scored.points).all()


def test_scores_are_the_same_bits_for_any_number_of_threads():
    found = {
        subprocess.run(
            [sys.executable, "-c", PRINT_HASH],
            env={
                **os.environ,
                "OPENBLAS_NUM_THREADS": str(threads),
                "PYTHONHASHSEED": str(threads),
            },
            capture_output=True,
            check=True,
        ).stdout
        for threads in ("1", "2", "3")
    }
    assert len(found) == 1
    assert found != {b""}


@QUICK
@given(cases())
def test_rule_effects_equal_a_count_over_every_pair(case):
    pool, policy = case
    pairs = [
        (left, right, set(broken_rules(pool, policy, Two(pool, left, right))))
        for left in range(len(pool.mentees))
        for right in range(len(pool.mentors))
    ]
    seats = pool.mentors.capacity
    reached = {left for left, right, broken in pairs if not broken and seats[right]}
    for key, effect in rule_effects(pool, policy).items():
        assert effect.removed == sum(1 for *_, broken in pairs if key in broken)
        alone = [(left, right) for left, right, broken in pairs if broken == {key}]
        assert effect.removed_alone == len(alone)
        rescued = {left for left, right in alone if seats[right]} - reached
        assert effect.left_without == len(rescued)


def test_every_criterion_and_rule_is_tried_against_the_plain_loops():

    tried = {kind for kind, _ in CRITERIA_CHOICES} | {kind for kind, _ in RULE_CHOICES}
    symmetric = {"same_department", "different_location", "same_organisation"}
    assert set(CRITERIA) | set(RULES) == tried | symmetric | {"not_self", "must_not_pair"}


@QUICK
@given(st.data())
def test_sums_that_are_cut_equal_whole_number_arithmetic(data):
    """Growing sums far above 2**24 and multiples of a power of two stay exact where they count."""
    entry = st.integers(0, 3)
    rows = st.lists(st.lists(entry, min_size=5, max_size=5), min_size=4, max_size=4)
    left, right = np.array(data.draw(rows)), np.array(data.draw(rows))
    big = np.array([999_983, 1, 77_777, 16_000_000, 2])
    grows = Term((dense(left * big, right, 10),), high=1_000_000)
    strikes = Term((dense(left, -right, 20),), low=-7).scaled(2**20)
    for term, exact in (
        (grows, np.minimum((left * big) @ right.T, 1_000_000)),
        (strikes, np.maximum(-(left @ right.T), -7) * 2**20),
    ):
        [(_, _, tile)] = Sum([term], (4, 4)).tiles(np.arange(4))
        assert tile.tolist() == exact.tolist()


def test_linear_terms_beyond_the_bound_are_kept_in_products_of_their_own():
    names = Cells.of([{"a"}, {"b"}])
    parts = [Term((matched(names, names, 9_000_000).scaled(1),)) for _ in range(3)]
    total = Sum(parts, (2, 2))
    assert len(total.products) == 3
    assert total.pairs(np.array([0, 1]), np.array([0, 0])).tolist() == [3, 0]


def test_listed_pairs_and_functions_join_the_sum():
    listed = Listed.of({(0, 1): 5, (1, 0): 7}, (2, 2))
    total = Sum([listed, listed.scaled(2), Judged(lambda rows, cols: rows * 10 + cols)], (2, 2))
    [(_, _, tile)] = total.tiles(np.arange(2))
    assert tile.tolist() == [[0, 16], [31, 11]]
    [(_, _, tile)] = total.of_cols(np.array([1])).tiles(np.array([1, 0]))
    assert tile.tolist() == [[11], [16]]


def test_rare_columns_beside_dense_ones_give_the_same_sums():
    rng = np.random.default_rng(3)
    sides = [
        [
            {f"w{int(k)}": int(rng.integers(1, 900)) for k in rng.exponential(300, 8)}
            for _ in "x" * n
        ]
        for n in (600, 1_500)
    ]
    features = matched(*(Cells.of_numbers(side) for side in sides), 10**7)
    total = Sum([Term((features,))], (600, 1_500))
    assert total.products[0].rare is not None
    expected = (features.left @ features.right.T).toarray()
    for here, there, tile in total.tiles(np.arange(600)):
        assert (tile == expected[here, there]).all()


def test_vectors_of_different_lengths_are_refused():
    pool = Pool(
        mentees=People(id=(1, 2), goal_vector=(b"ab", b"abc")),
        mentors=People(id=(3,), about_vector=(b"ab",)),
    )
    with pytest.raises(InvalidPool, match="length"):
        score_pool(pool, Policy(criteria=(Criterion("goal_text", 1),)))
    pool = Pool(
        mentees=People(id=(1,), goal_vector=(b"ab",)),
        mentors=People(id=(3,), about_vector=([1, 2, 3],)),
    )
    with pytest.raises(InvalidPool, match="length"):
        score_pool(pool, Policy(criteria=(Criterion("goal_text", 1),)))


@pytest.mark.parametrize(("mentees", "mentors"), [(0, 0), (0, 3), (3, 0)])
def test_pools_with_an_empty_side_have_no_scores(mentees, mentors):
    pool = made_up_pool(mentees, mentors)
    criteria = tuple(Criterion(kind, 1, params) for kind, params in CRITERIA_CHOICES)
    rules = {Rule(kind, params).key: Rule(kind, params) for kind, params in RULE_CHOICES}
    scored = score_pool(pool, Policy(criteria=criteria, rules=tuple(rules.values())))
    assert scored.matrix().shape == (mentees, mentors)
    rows, cols = np.arange(mentees)[:, None], np.arange(mentors)[None, :]
    assert scored.judged(rows, cols).shape == scored.scores(rows, cols).shape == (mentees, mentors)
    assert {found.shape for found in scored.forbidden_by(rows, cols).values()} == {
        (mentees, mentors)
    }
