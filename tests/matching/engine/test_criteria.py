"""Each criterion on pairs small enough to reckon by hand."""

from __future__ import annotations

import pytest

from matching.engine import (
    CRITERIA,
    Criterion,
    InvalidPolicy,
    InvalidPool,
    People,
    Person,
    Policy,
    Pool,
    explain,
)
from matching.engine.criteria.text import words
from matching.engine.scoring import share_out


def judged(mentee: dict, mentor: dict, kind: str, params: dict | None = None):
    pool = Pool(
        mentees=People.of([Person(id="mentee", **mentee)]),
        mentors=People.of([Person(id="mentor", **mentor)]),
    )
    policy = Policy(criteria=(Criterion(kind, 1, params or {}),))
    return explain(pool, policy, "mentee", "mentor")


HOURS_9_TO_12 = 0b111 << 9
WANTS = {"skills_wanted": {"sql": 3, "python": 2, "talks": 1}}
GERMAN_AND_ENGLISH = {"languages": {"de": "A1", "en": "C1"}}
LAW_IS_NEAR_TAX = {"related": {"Law": {"Tax": 0.4}}}
HALF = {"one_sided": 0.5, "step": 0.5}
UNLIKE = {"trait": "t", "mode": "different"}
CASES = [
    ("skills", WANTS, {"skills_offered": {"sql", "talks", "go"}}, {}, 666_667),
    ("skills", WANTS, {"skills_offered": {"r"}}, {"related": {"sql": {"r": 0.5}}}, 250_000),
    ("skills", WANTS, {}, {"missing": 0.25}, 250_000),
    ("interests", {"interests": {"a", "b"}}, {"interests": {"a", "c"}}, {}, 500_000),
    ("interests", {"interests": {"a", "b", "c", "d"}}, {"interests": {"a"}}, {}, 333_334),
    ("seniority", {"level": 2}, {"level": 3}, {"table": {"1": 0.75, "2": 1}}, 750_000),
    ("seniority", {"level": 2}, {"level": 6}, {"table": {"1": 0.75, "2": 1}}, 0),
    ("seniority", {"level": 2}, {"level": 6}, {}, 500_000),
    ("seniority", {"level": 2}, {"level": 2}, {}, 500_000),
    ("seniority", {"level": 2}, {"level": 1}, {}, 0),
    ("seniority", {"level": 0}, {"level": 1}, {}, 1_000_000),
    ("profession", {"profession": "Law"}, {"profession": "Law"}, {}, 1_000_000),
    ("profession", {"profession": ""}, {"profession": ""}, {}, 0),
    ("location", {"location": "Oslo"}, {"location": "Cairo"}, {}, 0),
    ("location", {"location": "Oslo"}, {"location": "Cairo"}, {"mode": "different"}, 1_000_000),
    ("department", {"department": "HR"}, {"department": "IT"}, {}, 1_000_000),
    ("organisation", {"organisation": "A"}, {"organisation": "A"}, {}, 1_000_000),
    ("shared_hours", {"hours": HOURS_9_TO_12}, {"hours": 0b110 << 10}, {}, 250_000),
    ("shared_hours", {"hours": 1 << 167}, {"hours": [False] * 167 + [True]}, {}, 250_000),
    ("shared_hours", {"hours": (1 << 168) - 1}, {"hours": (1 << 168) - 1}, {}, 1_000_000),
    ("shared_hours", {"hours": 0}, {"hours": 1}, {"missing": 1}, 0),
    ("language", {"languages": {"en", "de"}}, {"languages": {"de"}}, {}, 1_000_000),
    ("language", {"languages": {"en"}}, {"languages": {"de"}}, {}, 0),
    ("language_level", {"languages": {"de": "B1"}}, {"languages": {"de": "C1"}}, {}, 750_000),
    ("language_level", GERMAN_AND_ENGLISH, {"languages": {"de": "C2", "en": "B2"}}, {}, 1_000_000),
    ("language_level", GERMAN_AND_ENGLISH, {"languages": {"de": "C2"}}, {}, 250_000),
    ("language_level", {"languages": {"de"}}, {"languages": {"de": ""}}, {}, 1_000_000),
    ("language_level", {"languages": {"de": "A2"}}, {"languages": {"de"}}, {"enough": "A1"}, 10**6),
    ("language_level", {"languages": {"de": "B2"}}, {"languages": {"en": "B2"}}, {}, 0),
    ("language_level", {}, {"languages": {"en": "B2"}}, {"missing": 0.5}, 500_000),
    ("industry", {"industry": "Energy"}, {"industry": "Energy"}, {}, 1_000_000),
    ("industry", {"industry": "Energy"}, {"industry": "Health"}, {"mode": "different"}, 1_000_000),
    ("career_path", {"career_goal": "Law"}, {"profession": "Law"}, {}, 1_000_000),
    ("career_path", {"career_goal": "Law"}, {"profession": "Tax"}, {}, 0),
    ("career_path", {"career_goal": "Law"}, {"profession": "Tax"}, LAW_IS_NEAR_TAX, 400_000),
    ("career_path", {"career_goal": ""}, {"profession": "Tax"}, {"missing": 0.2}, 200_000),
    ("preference", {"preferred": ["mentor"]}, {}, {}, 600_000),
    ("preference", {"preferred": ["x", "x", "mentor"]}, {}, {}, 480_000),
    ("preference", {"preferred": ["x", "mentor"]}, {"preferred": ["mentee"]}, {}, 1_000_000),
    ("preference", {"preferred": ["x", "mentor"]}, {"preferred": ["mentee"]}, HALF, 750_000),
    ("preference", {}, {}, {}, 0),
    ("trait", {"traits": {"t": "a"}}, {"traits": {"t": "a"}}, {"trait": "t"}, 1_000_000),
    ("trait", {"traits": {"t": "a"}}, {"traits": {"t": "b"}}, {"trait": "t"}, 0),
    ("trait", {"traits": {"t": "a"}}, {"traits": {}}, {"trait": "t", "mode": "different"}, 0),
    ("trait", {"traits": {"t": "a"}}, {"traits": {"t": "b"}}, UNLIKE, 1_000_000),
    ("experience", {}, {"experience": 1}, {}, 500_000),
    ("experience", {}, {"experience": 9}, {}, 1_000_000),
    ("experience", {}, {}, {"missing": 0.5}, 500_000),
]
ANSWERS = [
    ("same", "calm", "calm", {}, 1_000_000),
    ("same", "calm", "lively", {}, 0),
    ("same", None, None, {}, 0),
    ("same", None, None, {"only_if_answered": False}, 1_000_000),
    ("different", "calm", "lively", {}, 1_000_000),
    ("different", "calm", None, {}, 0),
    ("different", "calm", None, {"only_if_answered": False}, 1_000_000),
    ("near", 2, 3, {}, 750_000),
    ("near", 1, 5.0, {}, 0),
    ("near", "calm", 3, {}, 0),
    ("at_least", 3, 5, {}, 1_000_000),
    ("at_least", 5, 4, {"range": 2}, 500_000),
    ("overlap", "a", frozenset("abc"), {}, 1_000_000),
    ("overlap", frozenset("ax"), frozenset("abc"), {}, 500_000),
    ("overlap", "", frozenset("abc"), {}, 0),
]


@pytest.mark.parametrize(("kind", "mentee", "mentor", "params", "score"), CASES)
def test_criterion_on_one_pair_has_the_score_reckoned_by_hand(kind, mentee, mentor, params, score):
    explanation = judged(mentee, mentor, kind, params)
    assert explanation.score == score
    assert explanation.contributions == (score,)


@pytest.mark.parametrize(("mode", "left", "right", "params", "score"), ANSWERS)
def test_answer_on_one_pair_has_the_score_reckoned_by_hand(mode, left, right, params, score):
    mentee = {"answers": {} if left is None else {"q": left}}
    mentor = {"answers": {} if right is None else {"q": right}}
    params = {"question": "q", "mode": mode, **params}
    assert judged(mentee, mentor, "answer", params).score == score


def test_answer_to_two_questions_compares_one_with_the_other():
    params = {"question": "identity", "mentor_question": "traits", "mode": "overlap"}
    mentee, mentor = {"answers": {"identity": "x"}}, {"answers": {"traits": frozenset("xy")}}
    [reason] = judged(mentee, mentor, "answer", params).reasons
    assert (reason.code, reason.params) == (
        "answer_overlap",
        {"question": "identity", "values": ["x"]},
    )


def test_goal_text_with_the_same_words_is_a_perfect_fit():
    goal = {"goal": "I would like to lead a data team"}
    explanation = judged(goal, {"about": "Lead, data, team."}, "goal_text", {"full_at": 0.999})
    assert explanation.score == 1_000_000
    assert explanation.reasons[0].params == {"words": ["data", "lead", "team"]}


def test_goal_text_without_a_common_word_has_no_fit_and_no_reason():
    explanation = judged({"goal": "public speaking"}, {"about": "garden design"}, "goal_text")
    assert (explanation.score, explanation.reasons) == (0, ())


def test_goal_text_of_stopwords_only_counts_as_not_told():
    explanation = judged({"goal": "I want to learn"}, {"about": "x"}, "goal_text", {"missing": 0.5})
    assert explanation.score == 500_000


def test_words_in_english_and_german_are_folded_and_freed_of_stopwords():
    assert words("Ich möchte ein Team FÜHREN, and lead the größte") == [
        "team",
        "führen",
        "lead",
        "grösste",
    ]


REASONS = [
    (
        "skills",
        WANTS,
        {"skills_offered": {"talks", "sql"}},
        "skills",
        {"skills": ["sql", "talks"], "related": [], "wanted": 3},
    ),
    ("interests", {"interests": {"b", "a"}}, {"interests": {"a", "b"}}, "interests", ["a", "b"]),
    ("seniority", {"level": 1}, {"level": 3}, "seniority", 2),
    ("profession", {"profession": "Law"}, {"profession": "Law"}, "profession_same", "Law"),
    ("shared_hours", {"hours": 7}, {"hours": 3}, "shared_hours", 2),
    ("language", {"languages": {"de"}}, {"languages": {"de"}}, "language", ["de"]),
    ("experience", {}, {"experience": 2}, "experience", 2),
    (
        "language_level",
        GERMAN_AND_ENGLISH,
        {"languages": {"de": "C2", "en": "B2"}},
        "language_level",
        {"language": "en", "level": "B2"},
    ),
    (
        "career_path",
        {"career_goal": "Law"},
        {"profession": "Law"},
        "career_path",
        {"goal": "Law", "profession": "Law", "is_exact": True},
    ),
    ("industry", {"industry": "Energy"}, {"industry": "Energy"}, "industry_same", "Energy"),
]


@pytest.mark.parametrize(("kind", "mentee", "mentor", "code", "facts"), REASONS)
def test_reason_of_a_pair_is_a_code_with_facts(kind, mentee, mentor, code, facts):
    [reason] = judged(mentee, mentor, kind).reasons
    assert reason.code == code
    assert facts in (reason.params, *reason.params.values())
    assert reason.kind == kind
    assert 0 < reason.strength <= 1


def test_goal_text_with_vectors_is_their_cosine_and_never_below_zero():
    goal, about = {"goal_vector": bytes([3, 4, 0])}, {"about_vector": bytes([4, 3, 0])}
    full = judged(goal, about, "goal_text", {"full_at": 0.96})
    assert full.score == pytest.approx(1_000_000, abs=2_000)
    half = judged(goal, {"about_vector": [0, 3, 4]}, "goal_text", {"full_at": 0.96})
    assert half.score == pytest.approx(500_000, abs=2_000)
    away = {"about_vector": bytes([253, 252, 0])}
    assert judged(goal, away, "goal_text").score == 0
    silent = {"about_vector": bytes(3)}
    assert judged(goal, silent, "goal_text", {"missing": 0.25}).score == 250_000


def test_goal_text_with_a_vector_on_one_side_only_falls_back_to_words():
    mentee = {"goal": "data team", "goal_vector": bytes([1, 2])}
    assert judged(mentee, {"about": "data team"}, "goal_text").score == 1_000_000


def test_goal_text_with_vectors_names_the_words_in_common():
    mentee = {"goal": "Lead a data team", "goal_vector": bytes([1, 2])}
    mentor = {"about": "team and data", "about_vector": bytes([1, 2])}
    [reason] = judged(mentee, mentor, "goal_text").reasons
    assert reason.params == {"words": ["data", "team"]}


def test_trait_and_preference_tell_nothing_that_is_private():
    [trait] = judged(
        {"traits": {"t": "secret"}}, {"traits": {"t": "secret"}}, "trait", {"trait": "t"}
    ).reasons
    assert (trait.code, trait.params) == ("trait_same", {})
    [wish] = judged({"preferred": ["mentor", "rival"]}, {}, "preference").reasons
    assert (wish.code, wish.params) == ("preference", {"by": ["mentee"]})


def test_language_level_that_nobody_knows_is_refused():
    with pytest.raises(InvalidPool, match="level of a language"):
        judged({"languages": {"de": "fluent"}}, {}, "language")


def test_different_departments_are_named_in_the_reason():
    [reason] = judged({"department": "HR"}, {"department": "IT"}, "department").reasons
    assert reason.code == "department_different"
    assert reason.params == {"mentee": "HR", "mentor": "IT"}


def test_missing_value_counts_in_the_score_but_gives_no_reason():
    explanation = judged({}, {}, "location", {"missing": 0.5})
    assert (explanation.score, explanation.reasons) == (500_000, ())


def test_every_criterion_says_what_it_needs_and_its_defaults():
    columns = set(Person.__dataclass_fields__)
    for kind, measure in CRITERIA.items():
        assert measure.kind == kind
        assert set(measure.needs) <= columns
        assert measure.all_defaults()["missing"] == 0.0


@pytest.mark.parametrize(
    ("kind", "params", "words_of_it"),
    [
        ("skills", {"relatd": {}}, "relatd"),
        ("skills", {"related": 3}, "related"),
        ("skills", {"related": {"a": 3}}, "related"),
        ("skills", {"related": {"a": {"b": 2}}}, "related"),
        ("seniority", {"table": {"one": 1}}, "table"),
        ("seniority", {"table": {"1": 2}}, "table"),
        ("seniority", {"table": 1}, "table"),
        ("seniority", {"min": 3, "max": 1}, "band"),
        ("interests", {"enough": 0}, "enough"),
        ("interests", {"enough": "3"}, "enough"),
        ("interests", {"enough": float("nan")}, "enough"),
        ("location", {"mode": "near"}, "mode"),
        ("location", {"missing": 1.5}, "missing"),
        ("answer", {}, "question"),
        ("language_level", {"enough": "fluent"}, "enough"),
        ("career_path", {"related": {"Law": {"Tax": 2}}}, "related"),
        ("preference", {"one_sided": 2}, "one_sided"),
        ("trait", {}, "trait"),
        ("answer", {"question": "q", "only_if_answered": 1}, "only_if_answered"),
        ("astrology", {}, "astrology"),
    ],
)
def test_parameters_that_cannot_be_meant_are_refused_by_name(kind, params, words_of_it):
    with pytest.raises(InvalidPolicy, match=words_of_it):
        judged({}, {}, kind, params)


def test_weights_are_shared_out_to_whole_points_that_sum_to_a_million():
    assert share_out([12, 10, 6]) == (428_571, 357_143, 214_286)
    assert share_out([0.1, 0.1, 0.1]) == share_out([1, 1, 1]) == (333_334, 333_333, 333_333)
    assert share_out([0, 5]) == (0, 1_000_000)


@pytest.mark.parametrize("weights", [[], [0, 0], [-1, 2], [float("nan")], [float("inf")]])
def test_weights_that_cannot_be_meant_are_refused(weights):
    with pytest.raises(InvalidPolicy):
        share_out(weights)
