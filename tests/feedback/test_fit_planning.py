from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from feedback.models import FitQuestion
from feedback.services import PlannedFits, answer_fit, plan_fit_questions
from matching.models import MatchMember
from notifications import mailbox
from notifications.models import Message
from notifications.services import pause_messages, send_message
from sessions.models import Meeting
from tests.conftest import NOW, enrol, make_match, make_person

pytestmark = pytest.mark.django_db

NOTHING = PlannedFits()
FIRST = date(2026, 10, 8)


def moment(day: date, *, after: int = 1) -> datetime:
    return datetime(day.year, day.month, day.day, 6, tzinfo=UTC) + timedelta(days=after)


def met(match, *days: date) -> None:
    for day in days:
        Meeting.objects.create(match=match, status="held", held_on=day)


def three(match) -> list[date]:
    days = [FIRST, FIRST + timedelta(days=14), FIRST + timedelta(days=28)]
    met(match, *days)
    return days


def asked(person) -> list[tuple]:
    rows = FitQuestion.objects.filter(user=person).order_by("pk")
    return list(rows.values_list("after_meeting", "asked_on", "status", "answer"))


def test_fit_is_asked_of_both_the_day_after_the_first_meeting(cast):
    met(cast.match, FIRST)

    assert plan_fit_questions(now=moment(FIRST, after=0)) == NOTHING
    assert plan_fit_questions(now=moment(FIRST)) == PlannedFits(asked_count=2, mail_count=2)

    assert asked(cast.mentee) == [(1, date(2026, 10, 9), "open", "")]
    message = Message.objects.get(recipient=cast.mentor)
    assert message.key == f"feedback.fit:{cast.mentor.pk}:{cast.cohort.pk}:2026-10-09"


def test_who_joined_a_circle_later_is_asked_after_the_first_meeting_with_them(cast):
    met(cast.match, FIRST)
    seat = enrol(cast.cohort, make_person("late@example.org", "Late Comer"), "mentee")
    MatchMember.objects.create(
        match=cast.match, user=seat.user, enrolment=seat, role="mentee",
        joined_at=NOW + timedelta(days=1),
    )  # fmt: skip
    plan_fit_questions(now=NOW + timedelta(days=2))
    assert asked(seat.user) == []

    day = (NOW + timedelta(days=3)).date()
    met(cast.match, day)
    plan_fit_questions(now=moment(day))
    assert [row[0] for row in asked(seat.user)] == [1]


def test_fit_planned_again_changes_nothing(cast):
    met(cast.match, FIRST)
    plan_fit_questions(now=moment(FIRST))

    assert plan_fit_questions(now=moment(FIRST)) == NOTHING
    assert plan_fit_questions(now=moment(FIRST, after=5)) == NOTHING


def test_fit_is_asked_again_after_the_third_meeting(cast):
    days = three(cast.match)
    Meeting.objects.filter(held_on__gt=FIRST).update(status="scheduled", starts_at=NOW)
    plan_fit_questions(now=moment(FIRST))
    for question in FitQuestion.objects.all():
        answer_fit(question=question, answer="good", now=moment(FIRST))
    Meeting.objects.update(status="held")

    assert plan_fit_questions(now=moment(days[2])).asked_count == 2

    assert asked(cast.mentee) == [
        (1, date(2026, 10, 9), "answered", "good"),
        (3, date(2026, 11, 6), "open", ""),
    ]


def test_fit_of_a_match_that_met_often_already_is_asked_once(cast):
    days = three(cast.match)
    met(cast.match, days[2] + timedelta(days=3))

    plan_fit_questions(now=moment(days[2], after=9))

    assert [row[0] for row in asked(cast.mentee)] == [3]
    assert plan_fit_questions(now=moment(days[2], after=10)) == NOTHING


def test_fit_is_not_asked_beside_an_open_question(cast):
    met(cast.match, FIRST)
    plan_fit_questions(now=moment(FIRST))
    met(cast.match, FIRST + timedelta(days=4), FIRST + timedelta(days=8))

    assert plan_fit_questions(now=moment(FIRST, after=10)) == NOTHING


def test_fit_answered_after_the_third_meeting_is_not_asked_about_it(cast):
    met(cast.match, FIRST)
    plan_fit_questions(now=moment(FIRST))
    met(cast.match, FIRST + timedelta(days=4), FIRST + timedelta(days=8))
    for question in FitQuestion.objects.all():
        answer_fit(question=question, answer="good", now=moment(FIRST, after=9))

    assert plan_fit_questions(now=moment(FIRST, after=12)) == NOTHING


def test_fit_still_deciding_is_asked_again_after_14_days(cast):
    met(cast.match, FIRST)
    plan_fit_questions(now=moment(FIRST))
    first = FitQuestion.objects.get(user=cast.mentee)
    answer_fit(question=first, answer="deciding", now=moment(FIRST))

    assert plan_fit_questions(now=moment(FIRST, after=14)) == NOTHING
    assert plan_fit_questions(now=moment(FIRST, after=15)) == PlannedFits(1, 1)

    follow_up = FitQuestion.objects.get(follows=first)
    assert (follow_up.after_meeting, follow_up.status) == (None, "open")
    answer_fit(question=follow_up, answer="good", now=moment(FIRST, after=16))
    assert plan_fit_questions(now=moment(FIRST, after=60)) == NOTHING


def test_fit_that_nobody_answered_lapses_and_the_third_meeting_asks_anew(cast):
    met(cast.match, FIRST)
    plan_fit_questions(now=moment(FIRST))
    met(cast.match, FIRST + timedelta(days=14), FIRST + timedelta(days=28))

    assert plan_fit_questions(now=moment(FIRST, after=31)) == NOTHING
    assert plan_fit_questions(now=moment(FIRST, after=32)).asked_count == 2

    assert [(row[0], row[2]) for row in asked(cast.mentee)] == [(1, "lapsed"), (3, "open")]


def test_fit_counts_held_meetings_only(cast):
    Meeting.objects.create(match=cast.match, status="missed", held_on=FIRST)
    Meeting.objects.create(match=cast.match, status="scheduled", starts_at=NOW)

    assert plan_fit_questions(now=moment(FIRST)) == NOTHING


def _paused_match(cast):
    cast.match.status = "paused"
    cast.match.save()


def _ended_match(cast):
    cast.match.status, cast.match.ended_on = "ended", FIRST
    cast.match.save()


def _cohort_without(cast):
    cast.cohort.has_fit_questions = False
    cast.cohort.save()


def _cohort_completed(cast):
    cast.cohort.status = "completed"
    cast.cohort.save()


def _nobody_left(cast):
    cast.match.members.update(left_at=NOW)


def _all_paused(cast):
    for enrolment in (cast.mentor_enrolment, cast.mentee_enrolment):
        enrolment.status = "paused"
        enrolment.save(update_fields=("status",))


@pytest.mark.parametrize(
    "change",
    [
        _paused_match,
        _ended_match,
        _cohort_without,
        _cohort_completed,
        _nobody_left,
        _all_paused,
    ],
)
def test_fit_is_asked_of_nobody_when(cast, change):
    met(cast.match, FIRST)
    change(cast)

    assert plan_fit_questions(now=moment(FIRST)) == NOTHING


def test_fit_of_a_mentor_of_two_comes_in_one_mail(cast):
    noor = make_person("noor@example.org", "Noor Haddad")
    met(make_match(cast.mentor_enrolment, enrol(cast.cohort, noor, "mentee")), FIRST)
    met(cast.match, FIRST)

    assert plan_fit_questions(now=moment(FIRST)) == PlannedFits(asked_count=4, mail_count=3)


def test_fit_mail_of_a_mentor_leaves_out_a_match_whose_mail_is_held(cast):
    noor = make_person("noor@example.org", "Noor Haddad")
    met(make_match(cast.mentor_enrolment, enrol(cast.cohort, noor, "mentee")), FIRST)
    met(cast.match, FIRST)
    plan_fit_questions(now=moment(FIRST))
    pause_messages(
        scope="match", match_id=cast.match.pk, why="A loss", actor=cast.program_manager, now=NOW
    )
    message = Message.objects.get(recipient=cast.mentor)

    send_message(pk=message.pk, clock=lambda: moment(FIRST) + timedelta(hours=12))

    (mail,) = mailbox.read_mails()
    assert "Noor" in mail.text
    assert "Priya" not in mail.text


def test_fit_has_at_most_one_open_question_for_a_person_and_match(cast):
    values = {"match": cast.match, "user": cast.mentee, "asked_on": FIRST, "created_at": NOW}
    FitQuestion.objects.create(after_meeting=1, **values)

    with pytest.raises(IntegrityError, match="fit_one_open"), transaction.atomic():
        FitQuestion.objects.create(after_meeting=3, **values)


@pytest.mark.parametrize("pairs", [1, 3])
def test_fit_asks_the_database_as_often_for_many_as_for_one(cast, pairs, django_assert_num_queries):
    met(cast.match, FIRST)
    for number in range(pairs):
        met(
            make_match(
                *(
                    enrol(cast.cohort, make_person(f"{role}{number}@example.org", role), role)
                    for role in ("mentor", "mentee")
                )
            ),
            FIRST,
        )

    with django_assert_num_queries(15):
        assert plan_fit_questions(now=moment(FIRST)).mail_count == 2 * (pairs + 1)
