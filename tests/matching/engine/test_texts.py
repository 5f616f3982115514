"""Goals of a pool in which some texts bring a vector and others only words."""

from __future__ import annotations

from matching.engine import Criterion, People, Person, Policy, Pool, check, explain, solve

POLICY = Policy(criteria=(Criterion("goal_text", 1, {"full_at": 0.5, "missing": 0.25}),))
POOL = Pool(
    mentees=People.of(
        [
            Person(id="vector", goal="lead a team", goal_vector=bytes([3, 4])),
            Person(id="words", goal="ein Team führen"),
            Person(id="silent"),
        ]
    ),
    mentors=People.of(
        [
            Person(id="vector too", about="lead a team", about_vector=bytes([4, 3])),
            Person(id="words too", about="Ich führe: ein Team führen"),
        ]
    ),
)


def score(mentee: str, mentor: str) -> int:
    return explain(POOL, POLICY, mentee, mentor).score


def test_goal_text_compares_vectors_with_vectors_and_words_with_words():
    assert score("vector", "vector too") == 1_000_000
    assert score("words", "words too") == 1_000_000
    assert score("vector", "words too") == 0
    assert score("words", "vector too") == 0
    assert score("silent", "words too") == 250_000


def test_goal_text_of_a_mixed_pool_passes_the_check():
    solution = solve(POOL, POLICY)

    assert {pair.ids for pair in solution.pairs} == {
        ("vector", "vector too"),
        ("words", "words too"),
    }
    assert check(POOL, POLICY, solution, proof=True) == []
