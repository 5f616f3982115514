from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from matching.models import Match
from participants.models import Enrolment, EnrolmentDraft, EnrolmentNote
from participants.services.staying import withdraw
from tests.conftest import NOW, enrol, make_cohort


@pytest.fixture
def own(cast):
    """The stranger is enrolled as a mentor in a cohort of their own, in no match."""
    cohort = make_cohort(
        cast.other_program,
        name="Winter",
        status="enrolling",
        enrolment_opens_on=date(2026, 11, 1),
        enrolment_closes_on=date(2026, 12, 5),
        starts_on=date(2026, 12, 14),
        ends_on=date(2027, 9, 13),
    )
    return enrol(cohort, cast.stranger, "mentor", capacity=1)


def url(name: str, enrolment: Enrolment) -> str:
    return reverse(f"enrolment_{name}", args=(enrolment.pk,))


def status_of(enrolment: Enrolment) -> str:
    return Enrolment.objects.values_list("status", flat=True).get(pk=enrolment.pk)


def test_mentor_changes_capacity_and_a_wrong_number_says_so(cast, at_now, own):
    client = cast.client("stranger")
    assert client.post(url("capacity", own), {"capacity": "3"}).status_code == 302
    own.refresh_from_db()
    assert own.capacity == 3

    page = client.post(url("capacity", own), {"capacity": "21"})
    assert page.status_code == 422
    assert "less than or equal to 20" in page.content.decode()


def test_mentee_has_no_capacity_to_change(cast, at_now):
    page = cast.client("mentee").post(url("capacity", cast.mentee_enrolment), {"capacity": "2"})
    assert page.status_code == 422
    assert (
        "How many mentees"
        not in cast.client("mentee").get(url("status", cast.mentee_enrolment)).content.decode()
    )


def test_pause_and_back_again(cast, at_now, own):
    client = cast.client("stranger")
    days = {"pause_from": "2026-11-18", "pause_until": "2026-12-01"}
    page = client.post(url("pause", own), days, follow=True).content.decode()
    assert status_of(own) == "paused"
    assert "Until 1 December 2026" in page

    client.post(url("resume", own))
    assert status_of(own) == "enrolled"
    wrong = client.post(url("pause", own), {"pause_from": "2026-11-01"})
    assert wrong.status_code == 422
    assert "Choose today or a later day." in wrong.content.decode()


def test_leaving_asks_once_and_can_be_taken_back(cast, at_now, own):
    client = cast.client("stranger")
    assert "Nobody asks why" in client.get(url("withdraw", own)).content.decode()
    page = client.post(url("withdraw", own), follow=True).content.decode()
    assert status_of(own) == "withdrawn"
    assert "Changed your mind?" in page

    page = client.post(url("undo", own), follow=True).content.decode()
    assert status_of(own) == "enrolled"
    assert "Good to have you back." in page


def test_leaving_with_a_match_ends_it_and_tells_before(cast, at_now):
    client = cast.client("mentee")
    page = client.get(url("withdraw", cast.mentee_enrolment)).content.decode()
    assert "Your match with Daniel Osei ends." in page
    page = client.post(url("withdraw", cast.mentee_enrolment), follow=True).content.decode()

    match = Match.objects.get(pk=cast.match.pk)
    assert (match.status, match.end_reason) == ("ended", "left")
    assert status_of(cast.mentee_enrolment) == "withdrawn"
    assert "Changed your mind?" not in page
    assert client.post(url("undo", cast.mentee_enrolment), follow=True).status_code == 200
    assert status_of(cast.mentee_enrolment) == "withdrawn"


def test_declined_person_reads_why_and_nobody_else_does(cast, at_now, own):
    Enrolment.objects.filter(pk=own.pk).update(status="declined")
    EnrolmentNote.objects.create(enrolment=own, text="Too many mentors this year.", written_at=NOW)
    assert (
        "Too many mentors this year."
        in cast.client("stranger").get(url("status", own)).content.decode()
    )
    assert cast.client("mentor").get(url("status", own)).status_code == 404


@pytest.mark.parametrize("name", ["capacity", "pause", "resume", "undo", "withdraw"])
@pytest.mark.parametrize("who", ["mentor", "program_manager", "other_program_manager"])
def test_nobody_changes_the_standing_of_others(cast, at_now, own, who, name):
    assert cast.client(who).post(url(name, own)).status_code == 404
    assert status_of(own) == "enrolled"


@pytest.mark.parametrize("name", ["capacity", "pause", "resume", "undo"])
def test_what_changes_something_is_not_read(cast, at_now, own, name):
    assert cast.client("stranger").get(url(name, own)).status_code == 405


def test_home_leads_back_to_a_sign_up_that_was_begun(cast, at_now, own):
    EnrolmentDraft.objects.create(
        user=cast.hr_analyst, cohort=own.cohort, role="mentee", started_at=NOW
    )
    withdraw(enrolment=own, actor=cast.stranger, now=NOW)
    EnrolmentDraft.objects.create(
        user=cast.stranger, cohort=own.cohort, role="mentee", started_at=NOW
    )
    page = cast.client("stranger").get(reverse("home")).content.decode()

    assert "Your sign-up for Women in Engineering is half done" in page
    assert reverse("participants:apply", args=(own.cohort_id, "mentee")) in page
    assert "You are not in a program yet" not in page


def test_home_of_somebody_invited_leads_to_the_questions(cast, at_now, own):
    Enrolment.objects.filter(pk=own.pk).update(status="invited")
    page = cast.client("stranger").get(reverse("home")).content.decode()

    assert "You are invited" in page
    assert reverse("participants:apply", args=(own.cohort_id, "mentor")) in page


def test_status_page_stays_within_its_queries(cast, at_now, own, django_assert_max_num_queries):
    client = cast.client("stranger")
    with django_assert_max_num_queries(8):
        assert client.get(url("status", own)).status_code == 200
