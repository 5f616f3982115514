from __future__ import annotations

import json

import pytest

from feedback.models import FitQuestion
from reports.fit import FitFigures, fit_figures
from tests.conftest import NOW, enrol, make_match, make_person

pytestmark = pytest.mark.django_db


def say(cast, *answers: str) -> None:
    """Let one mentee after the other say this about a match of their own."""
    for at, answer in enumerate(answers):
        start = FitQuestion.objects.count() + at
        mentor = enrol(cast.cohort, make_person(f"a{start}@example.org", "Ada A"), "mentor")
        mentee = enrol(cast.cohort, make_person(f"b{start}@example.org", "Bo B"), "mentee")
        FitQuestion.objects.create(
            match=make_match(mentor, mentee),
            user=mentee.user,
            after_meeting=1,
            asked_on=NOW.date(),
            status="answered",
            answer=answer,
            answered_at=NOW,
            created_at=NOW,
        )


def test_figures_of_fewer_than_five_people_are_none(cast):
    say(cast, "good", "good", "good", "not_good")

    assert fit_figures(cast.cohort) is None


def test_figures_with_a_small_side_tell_the_whole_only(cast):
    say(cast, *["good"] * 8, *["not_good"] * 4)

    assert fit_figures(cast.cohort) == FitFigures(12, None, None, None)


def test_figures_combine_what_is_small_with_its_neighbour(cast):
    say(cast, *["good"] * 8, *["not_good"] * 3, *["deciding"] * 2)

    assert fit_figures(cast.cohort) == FitFigures(13, 8, None, None)


def test_figures_of_five_on_every_side_are_told_apart(cast):
    say(cast, *["good"] * 6, *["not_good"] * 5, *["deciding"] * 5)

    assert fit_figures(cast.cohort) == FitFigures(16, 6, 5, 5)


def test_figures_count_what_each_person_said_last(cast):
    say(cast, *["good"] * 5, *["not_good"] * 5)
    first = FitQuestion.objects.first()
    FitQuestion.objects.create(
        match=first.match, user=first.user, follows=first, asked_on=NOW.date(),
        status="answered", answer="good", answered_at=NOW, created_at=NOW,
    )  # fmt: skip

    assert fit_figures(cast.cohort) == FitFigures(10, None, None, None)


def test_export_carries_counts_only(cast):
    say(cast, *["good"] * 6, *["not_good"] * 5)

    answer = cast.client("hr_analyst").get("/reports/export/fit.json", {"cohort": cast.cohort.pk})
    body = json.loads(b"".join(answer.streaming_content))

    (row,) = body["rows"]
    assert (row["answered"], row["good"], row["deciding"], row["not_good"]) == (11, 6, None, None)
    assert "email" not in row


def test_outcomes_say_how_many_fit_and_no_names(cast):
    say(cast, *["good"] * 6, *["not_good"] * 5)

    page = cast.client("hr_analyst").get("/reports/", {"cohort": cast.cohort.pk}).content.decode()

    assert "6 of 11 answers say it is a good fit." in page
    assert "Bo B" not in page
