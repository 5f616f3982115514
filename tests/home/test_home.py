from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from feedback.models import CheckIn
from matching.models import Match
from matching.services.agreement import sign_agreement, write_agreement
from matching.services.beginning import confirm_match, save_expectations
from matching.services.closing import end_match
from participants.models import Enrolment, Profile, ProfilePhoto
from programs.models import CohortStatus, Phase
from sessions.services import Plan, log_meeting
from sessions.services.booking import plan_meeting
from support.models import WorkItem
from tests.conftest import NOW, enrol, grant, make_cohort, make_match, make_person
from tests.home.conftest import DAY, more_matches


def html_of(cast, who: str, path: str = "/") -> str:
    answer = cast.client(who).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_home_of_a_mentee_says_where_they_are_and_who_is_beside_them(cast, meeting):
    html = html_of(cast, "mentee")

    assert "Wednesday, 18 November, week 8 of 39" in html
    assert "Good morning, Priya" in html
    assert "You and Daniel have met once so far. That is right on pace." in html
    assert "Now, until 4 Jan" in html
    assert "Daniel Osei" in html
    assert "04:30 there now" in html
    assert "Negotiation" in html
    assert "No reporting line connects you." in html
    assert reverse("meetings:log", args=(cast.match.pk,)) in html
    assert "zebra-action" in html


def test_home_shows_no_summary_and_no_private_note(cast, meeting):
    for who in ("mentor", "mentee"):
        html = html_of(cast, who)
        assert "zebra-summary" not in html
        assert "zebra-note" not in html


def test_home_shows_no_figures_of_the_score(cast, running):
    html = html_of(cast, "mentee")

    assert "400000" not in html
    assert "38/50" not in html


@pytest.mark.parametrize(
    ("hour", "words"), [(5, "Good morning"), (12, "Good afternoon"), (19, "Good evening")]
)
def test_home_greets_by_the_time_of_day_where_the_person_is(cast, running, hour, words):
    with time_machine.travel(NOW.replace(hour=hour - 1), tick=False):  # Berlin is at UTC+1
        assert f"{words}, Priya" in html_of(cast, "mentee")


def test_home_leads_to_what_comes_first_until_each_step_is_done(cast, running):
    html = html_of(cast, "mentee")
    assert "Say yes to each other, compare what you expect, agree how you work." in html
    assert "btn-primary" in html.split("What comes first")[0].rsplit("<a", 1)[1]
    assert "Log a meeting" not in html.split('id="main"')[-1]

    confirm_match(match=cast.match, actor=cast.mentee, now=NOW)
    html = html_of(cast, "mentee")
    assert "Say what you expect, five minutes." in html
    assert "Say yes to each other" in html_of(cast, "mentor")

    answer_and_agree(cast)
    assert "What comes first" not in html_of(cast, "mentee")
    assert "Your agreement waits for you" not in html_of(cast, "mentor")


def answer_and_agree(cast) -> None:
    """Do for both what comes first, the agreement unsigned by nobody."""
    confirm_match(match=cast.match, actor=cast.mentor, now=NOW)
    for person in (cast.mentee, cast.mentor):
        save_expectations(
            match=cast.match, actor=person, answers={"rhythm": "Every week"}, is_done=True, now=NOW
        )
    parts = {"rhythm": "Every week"}
    version = write_agreement(
        match=cast.match, actor=cast.mentee, based_on=0, before=parts, parts=parts, now=NOW
    )
    for person in (cast.mentee, cast.mentor):
        sign_agreement(match=cast.match, actor=person, number=version.number, now=NOW)


def test_home_before_the_first_meeting_says_what_is_normal(cast, running):
    html = html_of(cast, "mentee")

    assert "Say hello to Daniel" in html
    assert "Most pairs meet within ten days" in html


def test_home_long_after_the_last_meeting_blames_nobody(cast, running):
    log_meeting(match=cast.match, actor=cast.mentee, now=NOW, held_on=date(2026, 10, 1))

    assert "It is time for the next one." in html_of(cast, "mentee")


def test_home_of_a_mentor_has_a_card_for_each_mentee(cast, meeting):
    more_matches(cast, 2)
    html = html_of(cast, "mentor")

    for name in ("Priya Raman", "Person 0", "Person 1"):
        assert name in html
    assert "You mentor 3 people in this cohort." in html
    assert reverse("meetings:choose") in html


def test_home_of_somebody_not_matched_says_where_they_are_and_what_comes(cast, at_now):
    waiting = enrol(cast.cohort, cast.stranger, "mentee")
    cast.cohort.status = CohortStatus.PAIRING
    cast.cohort.save(update_fields=["status"])
    html = html_of(cast, "stranger")

    assert "Your match is on its way" in html
    assert "Marta Kowalczyk reviews every pair by hand." in html
    assert reverse("enrolment_status", args=(waiting.pk,)) in html


def test_home_of_somebody_whose_match_ended_thanks_them(cast, running):
    end_match(match=cast.match, actor=cast.mentor, now=NOW, reason="no_time")

    html = html_of(cast, "mentee")
    assert "Your match has ended" in html
    assert "No time" not in html


def test_home_of_somebody_with_nothing_is_kind(cast, at_now):
    assert "You are not in a program yet" in html_of(cast, "stranger")


def test_home_of_a_manager_lists_their_cohorts_only(cast, at_now):
    html = html_of(cast, "program_manager")

    assert "Autumn 2026" in html
    assert "Cohort 4" not in html


def test_home_of_hr_leads_to_the_report(cast, at_now):
    answer = cast.client("hr_analyst").get("/")

    assert (answer.status_code, answer.url) == (302, reverse("reports:outcomes"))


def test_home_of_it_leads_to_the_admin(cast, at_now):
    assert reverse("admin:index") in html_of(cast, "it_administrator")


def test_home_of_a_manager_who_takes_part_has_both(cast, running):
    grant(cast.mentor, "manager", cast.program)
    html = html_of(cast, "mentor")

    assert "Priya Raman" in html
    assert reverse("programs:cohorts") in html


def test_home_of_two_cohorts_follows_the_chosen_one(cast, running):
    second = make_cohort(cast.other_program, name="Spring 2027", starts_on=date(2026, 10, 5))
    mentor = make_person("ada@example.org", "Ada Byron")
    chosen = enrol(second, cast.mentee, "mentee")
    make_match(enrol(second, mentor, "mentor"), chosen)
    client = cast.client("mentee")

    first = client.get("/", {"cohort": cast.mentee_enrolment.pk}).content.decode()
    other = client.get("/", {"cohort": chosen.pk}).content.decode()
    remembered = client.get("/").content.decode()

    assert "Ada Byron" not in first
    assert "Ada Byron" in other
    assert "Ada Byron" in remembered
    assert "Spring 2027" in first  # in the switcher


def test_home_ignores_a_cohort_that_is_not_ones_own(cast, running):
    foreign = enrol(cast.other_cohort, cast.stranger, "mentee")

    html = html_of(cast, "mentee", f"/?cohort={foreign.pk}")
    assert "Daniel Osei" in html
    assert "Cohort 4" not in html
    assert html_of(cast, "mentee", "/?cohort=x")


def test_home_shows_an_open_check_in_to_its_person_alone(cast, running):
    CheckIn.objects.create(
        match=cast.match, user=cast.mentee, due_on=date(2026, 11, 8), created_at=NOW
    )

    assert "1 question for you" in html_of(cast, "mentee")
    assert "question for you" not in html_of(cast, "mentor")


def test_home_counts_what_the_check_in_page_asks(cast, running):
    asked = {"match": cast.match, "user": cast.mentee, "created_at": NOW}
    for day in (date(2026, 9, 28), date(2026, 10, 25), date(2026, 11, 8)):
        CheckIn.objects.create(due_on=day, **asked)
    client = cast.client("mentee")
    assert "1 question for you" in client.get("/").content.decode()

    log_meeting(match=cast.match, actor=cast.mentor, now=NOW, held_on=date(2026, 11, 15))
    assert "question for you" not in client.get("/").content.decode()
    assert "Nothing to answer" in client.get(reverse("feedback:mine")).content.decode()


def test_home_without_signing_in_asks_to(client, db):
    assert client.get("/").url.startswith("/accounts/login/")


def test_home_by_another_method_is_refused(cast, at_now):
    assert cast.client("mentee").post("/").status_code == 405


@pytest.mark.parametrize(("who", "extra"), [("mentee", 0), ("mentor", 0), ("mentor", 4)])
def test_home_takes_seven_queries(cast, meeting, who, extra, django_assert_num_queries):
    more_matches(cast, extra)
    for number in range(3):
        log_meeting(
            match=cast.match, actor=cast.mentor, now=NOW, held_on=DAY - timedelta(days=number + 1)
        )
    client = cast.client(who)

    with django_assert_num_queries(7):
        client.get("/")


def test_home_of_somebody_not_matched_says_what_their_profile_lacks(cast, at_now):
    enrol(cast.cohort, cast.stranger, "mentee")
    client = cast.client("stranger")
    assert "hours that suit you" in client.get("/").content.decode()

    Profile.objects.filter(user=cast.stranger).update(goal_text="Lead", available_hours=[33])
    html = client.get("/").content.decode()
    assert "a skill to learn or to offer" in html
    assert "hours that suit you" not in html


def test_home_and_match_show_the_photo_of_the_partner(cast, meeting):
    ProfilePhoto.objects.create(user=cast.mentor, content=b"x", digest="abcdef0123", changed_at=NOW)
    photo = f'src="{reverse("participants:photo", args=(cast.mentor.pk,))}?v=abcdef01"'

    assert photo in html_of(cast, "mentee")
    assert photo in html_of(cast, "mentee", f"/matches/{cast.match.pk}/")


def test_home_of_somebody_not_matched_takes_at_most_five_queries(
    cast, at_now, django_assert_max_num_queries
):
    enrol(cast.cohort, cast.stranger, "mentee")
    client = cast.client("stranger")

    with django_assert_max_num_queries(5):
        client.get("/")


@pytest.mark.parametrize("cohorts", [1, 4])
def test_home_of_a_manager_takes_the_same_queries_for_any_number(
    cast, at_now, cohorts, django_assert_num_queries
):
    for number in range(1, cohorts):
        make_cohort(cast.program, name=f"Edition {number}")
    client = cast.client("program_manager")

    with django_assert_num_queries(6):
        client.get("/")


def test_home_of_a_manager_says_what_each_cohort_needs_next(cast, at_now):
    make_cohort(cast.program, name="Young", status="draft")
    WorkItem.objects.create(
        cohort=cast.cohort, kind="no_goals", match=cast.match, reasons=[], opened_at=NOW
    )

    html = html_of(cast, "program_manager")

    assert "What is missing before: Enrolling" in html
    assert "What is missing before: Completed" in html
    assert f"{reverse('support:queue')}?cohort={cast.cohort.pk}" in html
    assert html.count("1 needs you") == 1


def test_home_of_somebody_whose_partner_is_away_says_until_when_and_asks_nothing(cast, meeting):
    Enrolment.objects.filter(user=cast.mentor).update(
        status="paused", pause_from=NOW.date(), pause_until=date(2027, 1, 15)
    )

    for path in ("/", reverse("match", args=(cast.match.pk,))):
        html = html_of(cast, "mentee", path)
        assert "Daniel is away until 15 January 2027. Your match rests meanwhile." in html
        assert "It is time for the next one." not in html


def test_home_of_a_resting_match_or_person_asks_nothing(cast, meeting):
    Match.objects.filter(pk=cast.match.pk).update(status="paused")
    html = html_of(cast, "mentee")
    assert "Your match rests for now." in html

    Match.objects.filter(pk=cast.match.pk).update(status="active")
    Enrolment.objects.filter(user=cast.mentee).update(status="paused", pause_until=None)
    html = html_of(cast, "mentee")
    assert "You are resting. Nobody reminds you of anything." in html
    assert "right on pace" not in html


@pytest.mark.parametrize(
    ("days_later", "is_told"), [(4, False), (6, True), (12, True), (16, False)]
)
def test_meeting_on_a_day_on_which_the_partner_will_be_away_says_so(
    cast, running, days_later, is_told
):
    Enrolment.objects.filter(user=cast.mentor).update(
        pause_from=NOW.date() + timedelta(days=5), pause_until=NOW.date() + timedelta(days=14)
    )
    plan_meeting(
        match=cast.match,
        actor=cast.mentee,
        now=NOW,
        starts_at=NOW + timedelta(days=days_later),
        plan=Plan(minutes=45, how="video", link="", place=""),
        members=[cast.mentor.pk, cast.mentee.pk],
        needed=[cast.mentor.pk, cast.mentee.pk],
    )

    for path in ("/", reverse("match", args=(cast.match.pk,))):
        html = html_of(cast, "mentee", path)
        assert ("Daniel is away on that day." in html) is is_told


def test_guide_of_the_phase_is_of_the_readers_own_side_on_both_pages(cast, running):
    Phase.objects.update(mentor_guide="Listen.", mentee_guide="Ask.")

    for path in ("/", reverse("match", args=(cast.match.pk,))):
        assert "For you as a mentor" in html_of(cast, "mentor", path)
        assert "For you as a mentee" in html_of(cast, "mentee", path)
