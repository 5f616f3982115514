"""What follows from HR's facts: late places, corrected days, own pauses, and the way back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from notifications.models import MessagePreference
from participants.models import Enrolment
from participants.services.staying import end_pause, plan_pause
from participants.services.waiting import turn_pauses
from programs.models import Cohort
from support.feed.undo import PeopleUndoer
from support.models import FeedPerson, Leaver
from support.services import carry_leavers, undo_leaver
from support.services.feed_carrying import carry_feed
from support.services.feeding import confirm_feed
from support.services.late import follow_late
from tests.conftest import NOW, enrol, make_person
from tests.support.listing import TODAY, actions, applied, previewed, sheet, states, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("numbers")]
LAST_DAY = "employee id,last day"
LEAVE = "employee id,leave from,leave until"
WEEK = timedelta(days=7)


@pytest.fixture
def nora(cast) -> User:
    person = make_person("nora@example.org", "Nora New")
    User.objects.filter(pk=person.pk).update(employee_id="E9")
    return person


def pause(enrolment: Enrolment, first: date, last: date | None) -> None:
    plan_pause(
        enrolment=enrolment, actor=enrolment.user, now=NOW, pause_from=first, pause_until=last
    )


def days(enrolment: Enrolment) -> tuple[str, date | None, date | None]:
    row = Enrolment.objects.get(pk=enrolment.pk)
    return row.status, row.pause_from, row.pause_until


def test_last_day_said_before_somebody_enrols_is_followed_once(cast, nora):
    applied("E9,2026-11-25", head=LAST_DAY)
    assert follow_late(now=NOW) == 0
    enrol(cast.cohort, nora, "mentee")

    assert (follow_late(now=NOW), follow_late(now=NOW)) == (1, 0)
    leaver = Leaver.objects.get()
    assert (leaver.person, leaver.leaves_on, leaver.rested_at) == (nora, date(2026, 11, 25), None)

    undo_leaver(leaver=leaver, actor=cast.program_manager, now=NOW)
    assert follow_late(now=NOW) == 0


def test_leave_said_before_somebody_enrols_pauses_them_and_not_again(cast, nora):
    applied("E9,2026-11-18,2026-12-18", head=LEAVE)
    place = enrol(cast.cohort, nora, "mentee")

    assert (follow_late(now=NOW), follow_late(now=NOW)) == (1, 0)
    assert days(place) == ("paused", TODAY, date(2026, 12, 18))

    end_pause(enrolment=place, actor=nora, now=NOW)
    assert follow_late(now=NOW) == 0
    assert days(place) == ("enrolled", None, None)


def test_full_list_lets_go_whoever_it_no_longer_names_before_their_last_day(cast):
    applied("E1,2026-12-31", head=LAST_DAY)

    feed = applied("E2", head="employee id", kind="full")
    assert sorted(actions(feed)) == ["leave", "unchanged"]
    assert states(cast) == ("paused", "paused")

    undone(feed)
    assert FeedPerson.objects.get(user=cast.mentor).gone_on == date(2026, 12, 31)
    assert states(cast) == ("active", "enrolled")
    assert Leaver.objects.get(undone_at=None).leaves_on == date(2026, 12, 31)


@pytest.mark.parametrize("status", ["", "active"])
def test_real_last_day_outlasts_a_list_that_left_somebody_out(cast, status):
    """They are named again, in a list without such a column: the day that was told stands."""
    applied("E1,2026-12-11", head=LAST_DAY)
    head = "employee id,status"
    applied("E2,", head=head, kind="full")
    assert FeedPerson.objects.get(user=cast.mentor).gone_on == TODAY

    feed = applied(f"E1,{status}", "E2,", head=head, kind="full")
    assert FeedPerson.objects.get(user=cast.mentor).gone_on == date(2026, 12, 11)
    assert states(cast) == ("active", "enrolled")
    assert feed.rows.get(user=cast.mentor).changes["facts"]["gone_on"] == [
        TODAY.isoformat(),
        "2026-12-11",
    ]

    tomorrow = TODAY + timedelta(days=1)
    again = previewed(sheet(f"E1,{status}", "E2,", head=head), kind="full", dated=tomorrow)
    assert actions(again) == ["unchanged", "unchanged"]


def test_corrected_last_day_brings_back_what_rested_too_early(cast):
    applied("E1,2026-11-18", head=LAST_DAY)
    assert states(cast) == ("paused", "paused")

    applied("E1,2026-12-31", head=LAST_DAY)

    assert states(cast) == ("active", "enrolled")
    carry_leavers(now=NOW + WEEK)
    assert states(cast) == ("active", "enrolled")
    assert Leaver.objects.get(undone_at=None).leaves_on == date(2026, 12, 31)


def test_own_pause_without_an_end_outlives_a_leave_and_its_undoing(cast):
    place = cast.mentor_enrolment
    pause(place, TODAY, None)

    feed = applied("E1,2026-11-18,2026-12-18", head=LEAVE)
    assert feed.counts["left"] == ["Daniel Osei: The pause that was there stays."]
    assert days(place) == ("paused", TODAY, None)

    undone(feed)
    assert days(place) == ("paused", TODAY, None)


def test_own_pause_without_an_end_stays_when_hr_ends_a_leave_without_one(cast):
    place = cast.mentor_enrolment
    pause(place, TODAY, None)
    applied("E1,on leave", head="employee id,status")

    applied("E1,active", head="employee id,status")

    assert days(place) == ("paused", TODAY, None)


def test_shorter_own_pause_ends_by_itself_and_the_leave_takes_over(cast):
    place = cast.mentor_enrolment
    pause(place, TODAY, TODAY + WEEK)
    feed = applied("E1,2026-11-18,2026-12-18", head=LEAVE)
    assert feed.counts["left"] == []
    assert days(place) == ("paused", TODAY, TODAY + WEEK)

    end_pause(enrolment=place, actor=cast.mentor, now=NOW)
    follow_late(now=NOW + WEEK)
    assert days(place) == ("paused", TODAY + WEEK, date(2026, 12, 18))


def test_leave_of_more_than_a_year_ends_with_the_list(cast):
    applied("E1,2026-11-18,2028-12-18", head=LEAVE)
    assert days(cast.mentor_enrolment)[0] == "paused"

    applied("E1,active", head="employee id,status")

    assert days(cast.mentor_enrolment) == ("enrolled", None, None)


@pytest.fixture
def discreet(cast) -> None:
    cast.program.is_discreet = True
    cast.program.save(update_fields=["is_discreet"])


def test_discreet_program_is_not_spoken_of_when_something_could_not_follow(cast, discreet):
    pause(cast.mentor_enrolment, TODAY, None)

    assert applied("E1,2026-11-18,2026-12-18", head=LEAVE).counts["left"] == []


@pytest.mark.parametrize(("is_discreet", "named"), [(True, []), (False, ["Autumn 2026"])])
def test_cohort_that_is_over_is_named_unless_its_program_is_discreet(cast, is_discreet, named):
    cast.program.is_discreet = is_discreet
    cast.program.save(update_fields=["is_discreet"])
    feed = applied("E1,2026-11-18", head=LAST_DAY)
    Cohort.objects.filter(pk=cast.cohort.pk).update(status="completed")

    assert undone(feed).counts["left"] == [
        f"A place stays as it is, because this is over meanwhile: {name}." for name in named
    ]


def test_undo_says_nothing_of_matches_that_ended_in_a_discreet_program(cast, discreet):
    feed = applied("E1,2026-11-18", head=LAST_DAY)
    Leaver.objects.update(closes_on=TODAY)
    carry_leavers(now=NOW)
    assert states(cast) == ("ended", "withdrawn")

    assert undone(feed).counts["left"] == []


def test_own_pause_planned_for_later_is_kept_through_a_leave_before_it(cast):
    place = cast.mentor_enrolment
    pause(place, date(2026, 12, 10), date(2027, 1, 10))

    feed = applied("E1,2026-11-18,2026-11-30", head=LEAVE)
    assert feed.counts["left"] == []
    assert days(place) == ("paused", TODAY, date(2026, 11, 30))

    back = datetime(2026, 12, 1, 9, tzinfo=UTC)
    turn_pauses(now=back)
    assert (follow_late(now=back), follow_late(now=back)) == (1, 0)
    assert days(place) == ("enrolled", date(2026, 12, 10), date(2027, 1, 10))


@pytest.mark.parametrize("own", [(date(2026, 12, 1), date(2026, 12, 9)), (date(2026, 12, 9), None)])
def test_own_pause_planned_for_later_comes_back_when_the_leave_is_taken_back(cast, own):
    place = cast.mentor_enrolment
    pause(place, *own)
    feed = applied("E1,2026-11-18,2026-12-18", head=LEAVE)
    assert days(place) == ("paused", TODAY, date(2026, 12, 18))

    undone(feed)

    assert days(place) == ("enrolled", *own)


def test_leave_that_is_moved_to_a_later_day_lets_the_place_go_on_until_then(cast):
    applied("E1,2026-11-18,2026-12-18", head=LEAVE)

    applied("E1,2026-12-01,2026-12-18", head=LEAVE)

    assert days(cast.mentor_enrolment) == ("enrolled", date(2026, 12, 1), date(2026, 12, 18))


def test_undo_in_the_last_hours_says_that_matches_stay_ended(cast):
    feed = applied("E1,2026-11-18", head=LAST_DAY)
    late = NOW + WEEK - timedelta(minutes=1)
    Leaver.objects.update(closes_on=TODAY + timedelta(days=6))
    carry_leavers(now=late)

    assert undone(feed, late).counts["left"] == [
        "The matches and places of 1 person have ended, and stay so."
    ]


def test_undo_removes_new_people_who_stood_in_the_list_with_a_leave(cast):
    head = "employee id,email,last name,leave from,leave until"
    feed = applied("E8,new@example.org,New,2026-11-18,2026-12-18", head=head)
    assert MessagePreference.objects.get(user__email="new@example.org").leave_until

    assert undone(feed).counts["undone"] == {"removed": 1, "kept": 0}


def test_work_tells_how_far_it_is_while_it_writes_follows_and_undoes(cast):
    feed = previewed(sheet("E1,2026-11-18", "E2,2026-11-18", head=LAST_DAY))
    queued = confirm_feed(feed=feed, seen=feed.plan_digest, accepts_hold=False, actor=None, now=NOW)
    told = []

    def listen(stage: str, done: int, total: int) -> None:
        told.append((stage, done, total))

    done = carry_feed(feed_id=queued.pk, clock=lambda: NOW, report=listen)
    # before anything is written, after a chunk of facts, and before the first twenty people
    assert told.count(("writing", 0, 2)) == 3

    told.clear()
    PeopleUndoer(done, listen, NOW).restore()
    assert told == [("undoing", 2, 2)]
