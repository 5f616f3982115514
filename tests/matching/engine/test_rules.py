"""Each hard rule on one pair, and what an override lets through."""

from __future__ import annotations

import pytest

from matching.engine import (
    Criterion,
    InvalidOverride,
    InvalidPolicy,
    People,
    Person,
    Policy,
    Pool,
    Rule,
    explain,
    rule_effects,
    solve,
)


def pair_pool(mentee: dict, mentor: dict, **about_pairs) -> Pool:
    return Pool(
        mentees=People.of([Person(id="a", **{"person": 1, **mentee})]),
        mentors=People.of([Person(id="b", **{"person": 2, **mentor})]),
        **about_pairs,
    )


def policy(*rules: Rule) -> Policy:
    return Policy(criteria=(Criterion("skills", 1),), rules=rules)


def broken(pool: Pool, *rules: Rule) -> tuple[str, ...]:
    explanation = explain(pool, policy(*rules), "a", "b")
    assert (solve(pool, policy(*rules)).coverage == 0) == bool(explanation.broken)
    return explanation.broken


STRICT = {"unknown": "forbid"}
CASES = [
    ({}, {"person": 1}, None, {}, ("not_self",)),
    ({"manager": 2}, {}, None, {}, ("reporting_line",)),
    ({"second_manager": 2}, {}, None, {}, ("reporting_line",)),
    ({}, {"manager": 1}, None, {}, ("reporting_line",)),
    ({}, {"second_manager": 1}, None, {}, ("reporting_line",)),
    ({"manager": 9}, {"manager": 9}, None, {}, ()),
    ({}, {"is_external": True}, None, {}, ("from_outside",)),
    ({"accepts_external": True}, {"is_external": True}, None, {}, ()),
    ({"is_external": True}, {}, None, {}, ()),
    ({"manager": 9}, {"manager": 9}, "reporting_line", {"same_manager": True}, ("reporting_line",)),
    ({}, {}, "reporting_line", {"same_manager": True}, ()),
    ({"department": "HR"}, {"department": "HR"}, "different_department", {}, None),
    ({"department": "HR"}, {"department": "IT"}, "different_department", {}, ()),
    ({"department": "HR"}, {"department": "IT"}, "same_department", {}, None),
    ({"department": "HR"}, {"department": ""}, "same_department", {}, ()),
    ({"department": "HR"}, {"department": ""}, "same_department", STRICT, None),
    ({"location": "Oslo"}, {"location": "Oslo"}, "different_location", {}, None),
    ({"location": "Oslo"}, {"location": "Cairo"}, "same_location", {}, None),
    ({"organisation": "A"}, {"organisation": "A"}, "different_organisation", {}, None),
    ({"organisation": "A"}, {"organisation": "B"}, "same_organisation", {}, None),
    ({"level": 1}, {"level": 1}, "level_gap", {"min": 1}, None),
    ({"level": 1}, {"level": 2}, "level_gap", {"min": 1, "max": 2}, ()),
    ({"level": 1}, {"level": 4}, "level_gap", {"min": 1, "max": 2}, None),
    ({"level": 1}, {"level": 0}, "level_gap", {"max": 2}, ()),
    ({"level": 0}, {}, "level_gap", {"min": 1}, ()),
    ({"level": 0}, {}, "level_gap", {"min": 1, **STRICT}, None),
    ({"languages": {"en"}}, {"languages": {"de"}}, "common_language", {}, None),
    ({"languages": {"en"}}, {"languages": {"de", "en"}}, "common_language", {}, ()),
    ({"languages": {"en": "A2"}}, {"languages": {"en"}}, "common_language", {"level": "B1"}, None),
    ({"languages": {"en": "B1"}}, {"languages": {"en"}}, "common_language", {"level": "B1"}, ()),
    ({"languages": set()}, {"languages": {"en"}}, "common_language", {"level": "B1"}, ()),
    ({"training_done": False}, {"training_done": True}, "training_done", {}, None),
    ({"training_done": True}, {"training_done": False}, "training_done", {}, None),
    ({"training_done": None}, {"training_done": True}, "training_done", {}, ()),
    ({"training_done": None}, {"training_done": True}, "training_done", STRICT, None),
    ({"training_done": False}, {"training_done": True}, "training_done", {"who": "mentor"}, ()),
    ({"training_done": False}, {}, "training_done", {"who": "mentee"}, None),
    ({"hours": 0b11}, {"hours": 0b10}, "minimum_shared_hours", {"hours": 2}, None),
    ({"hours": 0b11}, {"hours": 0b11}, "minimum_shared_hours", {"hours": 2}, ()),
    ({"hours": 0b11}, {}, "minimum_shared_hours", {"hours": 2}, ()),
    ({"hours": 0}, {"hours": 1}, "minimum_shared_hours", {}, None),
]


@pytest.mark.parametrize(("mentee", "mentor", "kind", "params", "expected"), CASES)
def test_rule_on_one_pair_forbids_or_allows(mentee, mentor, kind, params, expected):
    rules = [Rule(kind, params)] if kind else []
    assert broken(pair_pool(mentee, mentor), *rules) == ((kind,) if expected is None else expected)


@pytest.mark.parametrize(
    ("kind", "left", "right", "expected"),
    [
        ("answer_same", "x", "y", ("answer_same:q",)),
        ("answer_same", "x", "x", ()),
        ("answer_same", "x", "", ()),
        ("answer_different", 3, 3.0, ("answer_different:q",)),
        ("answer_different", frozenset("ab"), frozenset("a"), ()),
    ],
)
def test_answer_rule_on_one_pair_names_its_question(kind, left, right, expected):
    pool = pair_pool({"answers": {"q": left}}, {"answers": {"q": right}})
    assert broken(pool, Rule(kind, {"question": "q"})) == expected


def test_answer_rule_over_two_questions_compares_one_with_the_other():
    pool = pair_pool({"answers": {"wants": "x"}}, {"answers": {"gives": "y"}})
    rule = Rule("answer_same", {"question": "wants", "mentor_question": "gives"})
    assert broken(pool, rule) == ("answer_same:wants",)


@pytest.mark.parametrize("pair", [(1, 2), (2, 1)])
def test_pairs_of_people_are_kept_apart_either_way_round(pair):
    assert broken(pair_pool({}, {}, must_not_pairs={pair})) == ("must_not_pair",)
    earlier = pair_pool({}, {}, earlier_pairs={pair})
    assert broken(earlier) == ()
    assert broken(earlier, Rule("earlier_pair")) == ("earlier_pair",)


def test_override_lets_one_pair_through_one_rule_only():
    facts = {"must_not_pairs": {(1, 2)}}
    one = pair_pool({"manager": 2}, {}, overrides={(1, 2, "reporting_line")}, **facts)
    assert broken(one) == ("must_not_pair",)
    both = {(1, 2, "reporting_line"), (1, 2, "must_not_pair")}
    assert broken(pair_pool({"manager": 2}, {}, overrides=both, **facts)) == ()
    other_way = {(2, 1, "reporting_line")}
    assert broken(pair_pool({"manager": 2}, {}, overrides=other_way)) == ("reporting_line",)


def test_override_of_not_self_is_refused():
    pool = pair_pool({}, {"person": 1}, overrides={(1, 1, "not_self")})
    with pytest.raises(InvalidOverride, match="not_self"):
        solve(pool, policy())


def test_rule_listed_twice_is_refused_but_two_questions_are_not():
    pool = pair_pool({}, {})
    with pytest.raises(InvalidPolicy, match="level_gap"):
        solve(pool, policy(Rule("level_gap"), Rule("level_gap", {"min": 1})))
    questions = [Rule("answer_same", {"question": q}) for q in ("p", "q")]
    assert solve(pool, policy(*questions)).coverage == 1


@pytest.mark.parametrize(
    "rule",
    [
        Rule("astrology"),
        Rule("level_gap", {"min": 2, "max": 1}),
        Rule("level_gap", {"unknown": "perhaps"}),
        Rule("level_gap", {"least": 1}),
        Rule("minimum_shared_hours", {"hours": -1}),
        Rule("common_language", {"level": "fluent"}),
        Rule("training_done", {"who": "everybody"}),
        Rule("answer_same"),
    ],
)
def test_rule_that_cannot_be_meant_is_refused(rule):
    with pytest.raises(InvalidPolicy):
        solve(pair_pool({}, {}), policy(rule))


def test_rule_effects_count_pairs_and_who_is_left_with_nobody():
    pool = Pool(
        mentees=People(id=("m1", "m2", "m3"), department=("HR", "IT", "HR"), level=(1, 1, 3)),
        mentors=People(id=("o1", "o2"), department=("HR", "HR"), level=(2, 3)),
    )
    effects = rule_effects(
        pool, policy(Rule("different_department"), Rule("level_gap", {"min": 1}))
    )
    found = {key: (e.removed, e.removed_alone, e.left_without) for key, e in effects.items()}
    assert found == {
        "not_self": (0, 0, 0),
        "reporting_line": (0, 0, 0),
        "must_not_pair": (0, 0, 0),
        "from_outside": (0, 0, 0),
        "different_department": (4, 2, 1),
        "level_gap": (2, 0, 0),
    }
