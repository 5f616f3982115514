"""Reasons: plain words for the two people, figures for managers, nothing private for anybody."""

from __future__ import annotations

import pytest

from matching.models import Unmatched
from matching.reasons import for_manager, for_people, rule_effects, unmatched_sentence


def item(kind, code, points=200_000, of=350_000, visibility="", question="", **facts):
    return {
        "kind": kind,
        "code": code,
        "facts": facts,
        "points": points,
        "of": of,
        "visibility": visibility,
        "question": question,
    }


def test_for_people_has_words_and_no_figures():
    found = for_people(
        [
            item("skills", "skills", skills=["SQL", "Coaching"]),
            item("seniority", "seniority", gap=2),
        ]
    )

    assert [sentence.text for sentence in found] == [
        "What is wanted and what is offered meet: SQL and Coaching.",
        "The mentor is the right distance ahead: close enough to remember, far enough to see.",
        "No reporting line connects you.",
    ]


def test_for_people_leaves_out_answers_that_were_not_released():
    private = item("answer", "answer_same", visibility="private", question="identity", values=["x"])
    managers = item("answer", "answer_same", visibility="manager", question="style", values=["y"])
    shared = item("answer", "answer_same", visibility="partner", question="topic", values=["z"])

    assert len(for_people([private, managers])) == 1
    assert len(for_people([private, managers, shared])) == 2


def test_for_people_leaves_out_what_gave_nothing():
    assert len(for_people([item("interests", "interests", points=0, interests=["chess"])])) == 1


def test_for_manager_gives_points_of_a_hundred_with_facts():
    line = for_manager([item("shared_hours", "shared_hours", 150_000, 200_000, hours=3)])[0]

    assert (line.label, line.points, line.of, line.text) == ("Hours", 15, 20, "3 hours a week")


def test_for_people_speaks_of_path_industry_and_language_without_levels():
    found = for_people(
        [
            item("career_path", "career_path", goal="Law", profession="Law", is_exact=True),
            item("industry", "industry_same", value="Energy"),
            item("language_level", "language_level", language="de", level="B2"),
        ]
    )

    assert [sentence.text for sentence in found][:3] == [
        "The mentor knows the path that the mentee has in mind.",
        "You work in the same industry: Energy.",
        "You can talk with ease in a language you share.",
    ]


def test_for_people_never_speaks_of_wishes_or_personal_traits():
    wishes = item("preference", "preference", by=["mentee", "mentor"])
    traits = item("trait", "trait_same"), item("trait", "trait_different")

    [only] = for_people([wishes, *traits])
    assert only.text == "No reporting line connects you."


def test_for_manager_tells_who_asked_but_not_the_trait():
    lines = for_manager(
        [
            item("preference", "preference", by=["mentor"]),
            item("preference", "preference", by=["mentee", "mentor"]),
            item("preference", "", points=0),
            item("trait", "trait_same"),
            item("language_level", "language_level", language="German", level="B2"),
            item("career_path", "career_path", goal="Law", profession="Tax", is_exact=False),
        ]
    )

    assert [(line.label, line.text) for line in lines] == [
        ("Wishes", "the mentor asked for it"),
        ("Wishes", "they asked for each other"),
        ("Wishes", ""),
        ("Personal trait", ""),
        ("Language level", "German B2"),
        ("Career path", "wants to reach Law, mentor works in Tax"),
    ]


def test_unmatched_sentence_names_the_rule_that_removed_most():
    unmatched = Unmatched(
        reason="no_mentor_allowed",
        detail={"mentors": 9, "removed": {"different_department": 7, "no_seat": 2}},
    )

    assert unmatched_sentence(unmatched) == (
        "No mentor is allowed. What removed most: They work in the same department."
    )


def test_unmatched_sentence_says_how_many_compete():
    unmatched = Unmatched(reason="out_competed", detail={"mentees": 3, "seats": 2, "mentors": 2})

    assert unmatched_sentence(unmatched).startswith("3 mentees compete for 2 seats")


@pytest.mark.parametrize(
    ("figures", "names", "said"),
    [
        ((5, 3, 2), ["Ann", "Bo"], "5 mentees compete for 3 seats, with Ann and Bo."),
        ((2, 1, 1), ["Ann"], "2 mentees compete for 1 seat, with Ann."),
        (
            (9, 8, 6),
            ["Ann", "Bo", "Cleo", "Dan"],
            "9 mentees compete for 8 seats, with Ann, Bo, Cleo and 3 other mentors.",
        ),
        ((3, 2, 2), ["Ann"], "3 mentees compete for 2 seats, with Ann and 1 other mentor."),
    ],
)
def test_unmatched_sentence_names_mentors_people_compete_for(figures, names, said):
    detail = dict(zip(("mentees", "seats", "mentors"), figures, strict=True))
    unmatched = Unmatched(reason="out_competed", detail=detail)

    assert unmatched_sentence(unmatched, names) == said


def test_rule_effects_say_what_was_removed_and_whom_it_would_help():
    rules = [
        {"rule": "earlier_pair", "removed": 0, "removed_alone": 0, "left_without": 0},
        {"rule": "reporting_line", "removed": 4, "removed_alone": 4, "left_without": 0},
        {"rule": "different_department", "removed": 12, "removed_alone": 9, "left_without": 2},
    ]

    assert rule_effects({"mentees": 8, "mentors": 5, "rules": rules}) == [
        (
            "They work in the same department.",
            "12 of 40 possible pairs. 2 mentees would have a possible mentor without it.",
        ),
        ("They are within two steps of one reporting line.", "4 of 40 possible pairs."),
    ]
