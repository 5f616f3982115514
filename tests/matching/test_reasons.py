"""Reasons: plain words for the two people, figures for managers, nothing private for anybody."""

from __future__ import annotations

from matching.models import Unmatched
from matching.reasons import for_manager, for_people, unmatched_sentence


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
