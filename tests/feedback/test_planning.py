from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from feedback.models import CheckIn
from feedback.services import Planned, plan_check_ins
from notifications.models import Message
from sessions.models import Meeting
from tests.conftest import NOW, enrol, make_match, make_person
from tests.feedback.conftest import DUE_ON

pytestmark = pytest.mark.django_db

NOTHING = Planned()


def day(number: int, month: int = 11) -> datetime:
    return datetime(2026, month, number, 6, 0, tzinfo=UTC)


def held(match, on: date) -> Meeting:
    return Meeting.objects.create(match=match, status="held", held_on=on)


def test_plan_asks_both_members_and_mails_each_once(cast):
    assert plan_check_ins(now=NOW) == Planned(asked_count=2, skipped_count=0, mail_count=2)

    rows = CheckIn.objects.values_list("match", "user", "due_on", "status")
    assert set(rows) == {
        (cast.match.pk, cast.mentor.pk, DUE_ON, "open"),
        (cast.match.pk, cast.mentee.pk, DUE_ON, "open"),
    }
    message = Message.objects.get(recipient=cast.mentee)
    assert message.key == f"feedback.check_in:{cast.mentee.pk}:{cast.cohort.pk}:2026-11-08"
    assert message.program_id == cast.program.pk


def test_plan_run_again_changes_nothing(cast):
    plan_check_ins(now=NOW)

    assert plan_check_ins(now=NOW) == NOTHING
    assert plan_check_ins(now=NOW + timedelta(days=4)) == NOTHING


def test_plan_asks_on_the_day_after_each_rhythm(cast):
    asked = {}
    for number in range(9, 31):
        planned = plan_check_ins(now=day(number))
        if planned != NOTHING:
            asked[number] = planned.mail_count

    assert asked == {9: 2, 23: 2}
    assert set(CheckIn.objects.values_list("due_on", flat=True)) == {DUE_ON, date(2026, 11, 22)}


def test_plan_after_a_long_outage_asks_about_the_latest_rhythm_only(cast):
    plan_check_ins(now=datetime(2026, 10, 12, 6, 0, tzinfo=UTC))
    plan_check_ins(now=datetime(2026, 12, 24, 6, 0, tzinfo=UTC))

    due = CheckIn.objects.filter(user=cast.mentee).order_by("due_on")
    assert list(due.values_list("due_on", flat=True)) == [date(2026, 10, 11), date(2026, 12, 20)]


def test_plan_across_new_year_goes_on(cast):
    plan_check_ins(now=datetime(2027, 1, 4, 6, 0, tzinfo=UTC))

    assert CheckIn.objects.filter(due_on=date(2027, 1, 3)).count() == 2


@pytest.mark.parametrize("on", [date(2026, 10, 26), date(2026, 11, 8), date(2026, 11, 17)])
def test_plan_skips_who_has_met_since_the_rhythm_began(cast, on):
    held(cast.match, on)

    assert plan_check_ins(now=NOW) == Planned(asked_count=0, skipped_count=2, mail_count=0)

    assert set(CheckIn.objects.values_list("status", "skipped_because")) == {("skipped", "met")}


def test_plan_asks_who_met_before_the_rhythm_only(cast):
    held(cast.match, date(2026, 10, 25))

    assert plan_check_ins(now=NOW).asked_count == 2


@pytest.mark.parametrize(
    ("starts_at", "status", "asked"),
    [
        (NOW + timedelta(days=3), "scheduled", 0),
        (NOW + timedelta(days=3), "cancelled", 2),
        (NOW - timedelta(days=1), "scheduled", 2),
        (NOW + timedelta(days=90), "scheduled", 2),
    ],
)
def test_plan_skips_who_has_booked(cast, starts_at, status, asked):
    Meeting.objects.create(match=cast.match, status=status, starts_at=starts_at)

    assert plan_check_ins(now=NOW).asked_count == asked


def test_plan_sends_a_mentor_of_two_one_mail(cast):
    noor = make_person("noor@example.org", "Noor Haddad")
    make_match(cast.mentor_enrolment, enrol(cast.cohort, noor, "mentee"))

    assert plan_check_ins(now=NOW) == Planned(asked_count=4, skipped_count=0, mail_count=3)
    assert Message.objects.filter(recipient=cast.mentor).count() == 1


def _paused_match(cast):
    cast.match.status = "paused"
    cast.match.save()


def _ended_match(cast):
    cast.match.status, cast.match.ended_on = "ended", DUE_ON
    cast.match.save()


def _young_match(cast):
    cast.match.started_on = date(2026, 11, 2)
    cast.match.save()


def _cohort_without(cast):
    cast.cohort.has_check_ins = False
    cast.cohort.save()


def _cohort_completed(cast):
    cast.cohort.status = "completed"
    cast.cohort.save()


def _cohort_over(cast):
    cast.cohort.ends_on = date(2026, 11, 7)
    cast.cohort.save()


def _cohort_just_started(cast):
    cast.cohort.starts_on = date(2026, 11, 5)
    cast.cohort.save()


@pytest.mark.parametrize(
    "change",
    [
        _paused_match,
        _ended_match,
        _young_match,
        _cohort_without,
        _cohort_completed,
        _cohort_over,
        _cohort_just_started,
    ],
)
def test_plan_asks_nobody_when(cast, change):
    change(cast)

    assert plan_check_ins(now=NOW) == NOTHING


def test_plan_leaves_out_who_left_paused_or_is_gone(cast):
    cast.mentee_enrolment.status = "paused"
    cast.mentee_enrolment.save(update_fields=("status",))
    cast.mentor.is_active = False
    cast.mentor.save(update_fields=("is_active",))

    assert plan_check_ins(now=NOW) == NOTHING


@pytest.mark.parametrize("pairs", [1, 3])
def test_plan_asks_the_database_as_often_for_many_as_for_one(
    cast, pairs, django_assert_num_queries
):
    for number in range(pairs):
        make_match(
            *(
                enrol(cast.cohort, make_person(f"{role}{number}@example.org", role), role)
                for role in ("mentor", "mentee")
            )
        )

    # 1 for the cohorts; 8 for the cohort with people: members, two inserts and a read, between four
    # savepoints; 5 for the other cohort, where nobody is due.
    with django_assert_num_queries(13):
        assert plan_check_ins(now=NOW).mail_count == 2 * (pairs + 1)
