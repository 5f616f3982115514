"""Somebody leaves, a match ends before its time, and the clock to the new match."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import Conflict, DomainError
from feedback.models import FitQuestion
from feedback.services import answer_fit, plan_check_ins
from matching.models import DoNotPair, Match, MatchMember
from matching.services.closing import end_match, leave_match
from matching.services.wishes import save_wishes
from notifications import mailbox
from notifications.models import Message
from notifications.services import send_message
from participants.models import Enrolment
from programs.models import Cohort
from support.models import Leaver, WorkItem
from support.rematching import rematch_queue
from support.services import carry_leavers, judge_all, raise_items, record_leaver, undo_leaver
from tests.conftest import NOW, enrol, make_cohort, make_match, make_person
from tests.participants.joining import at_once

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def leave(cast, on=TODAY, **fields) -> Leaver:
    values = {"person": cast.mentor, "program": cast.program, "actor": cast.program_manager}
    return record_leaver(on=on, now=NOW, **{**values, **fields})


def states(cast) -> tuple[str, str]:
    match = Match.objects.get(pk=cast.match.pk)
    return match.status, Enrolment.objects.get(pk=cast.mentor_enrolment.pk).status


def sweep(now=NOW):
    judge_all(now=now)
    return raise_items(now=now)


def test_leaver_of_today_rests_matches_and_tells_the_partner_kindly(cast):
    leave(cast)

    assert states(cast) == ("paused", "paused")
    message = Message.objects.get(kind="support.partner_away")
    assert message.recipient == cast.mentee
    send_message(pk=message.pk, clock=lambda: NOW)
    mail = mailbox.read_mails()[0]
    assert mail.subject == "Your match with Daniel rests"
    assert "left" not in mail.text
    assert "leave" not in mail.text


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_match_that_rests_for_a_leaver_is_not_taken_up_by_its_people(cast, who):
    note = leave(cast)
    client, address = cast.client(who), f"/matches/{cast.match.pk}/"
    page = client.get(address).content.decode()
    assert "This match rests for now." in page
    assert "Take it up again" not in page

    answer = client.post(f"{address}pause/", follow=True).content.decode()

    assert "This match rests for now. Your program managers know how it goes on." in answer
    assert states(cast) == ("paused", "paused")
    with pytest.raises(IntegrityError, match="match_rests"), transaction.atomic():
        Match.objects.filter(pk=cast.match.pk).update(status="active")
    undo_leaver(leaver=note, actor=cast.program_manager, now=NOW)
    assert states(cast) == ("active", "enrolled")


def test_leaver_is_undone_within_the_week(cast):
    row = leave(cast)

    undo_leaver(leaver=row, actor=cast.program_manager, now=NOW + timedelta(days=3))

    assert states(cast) == ("active", "enrolled")
    assert carry_leavers(now=NOW + timedelta(days=30)) == 0


def test_leaver_is_closed_a_week_later_and_not_undone_then(cast):
    row = leave(cast)

    assert carry_leavers(now=NOW + timedelta(days=6)) == 0
    assert carry_leavers(now=NOW + timedelta(days=7)) == 1
    assert states(cast) == ("ended", "withdrawn")
    with pytest.raises(Conflict):
        undo_leaver(leaver=row, actor=cast.program_manager, now=NOW + timedelta(days=7))


def test_leaver_of_a_later_day_waits_in_the_queue_and_rests_the_day_after(cast):
    leave(cast, on=TODAY + timedelta(days=10))
    sweep()

    item = WorkItem.objects.get(kind="leaving")
    assert (item.enrolment, item.reasons) == (cast.mentor_enrolment, ["leaves=2026-11-28"])
    assert states(cast) == ("active", "enrolled")
    carry_leavers(now=NOW + timedelta(days=11))
    assert states(cast) == ("paused", "paused")


def test_leaver_of_one_program_keeps_the_others(cast):
    elsewhere = enrol(cast.other_cohort, cast.mentor, "mentor")
    lone = make_person("lone@example.org", "Lone Wolf")
    other = make_match(elsewhere, enrol(cast.other_cohort, lone, "mentee"))

    leave(cast)

    other.refresh_from_db()
    assert other.status == "active"


def test_leaver_more_than_a_year_away_is_refused(cast):
    with pytest.raises(DomainError, match="year"):
        leave(cast, on=TODAY + timedelta(days=400))


def test_page_notes_and_undoes(cast):
    client = cast.client("program_manager")
    address = f"/support/enrolments/{cast.mentor_enrolment.pk}/leaving/"

    page = client.post(address, {"on": "2026-11-01"}, follow=True).content.decode()
    assert "1 match rests, and its people are told kindly." in page
    client.post(f"/support/leaving/{Leaver.objects.get().pk}/undo/")

    assert states(cast) == ("active", "enrolled")


def test_partner_of_somebody_on_leave_is_not_asked(cast):
    Enrolment.objects.filter(pk=cast.mentor_enrolment.pk).update(status="paused")

    assert plan_check_ins(now=NOW).asked_count == 0


def test_mentor_on_long_leave_stands_in_the_queue_until_back(cast):
    rows = Enrolment.objects.filter(pk=cast.mentor_enrolment.pk)
    rows.update(status="paused", pause_from=TODAY, pause_until=TODAY + timedelta(days=30))
    sweep()
    assert WorkItem.objects.filter(kind="cover", closed_at__isnull=True).count() == 1

    rows.update(status="enrolled", pause_from=None, pause_until=None)
    sweep()
    assert WorkItem.objects.get(kind="cover").outcome == "settled"


def test_clock_runs_from_not_a_good_fit_to_the_new_match(cast):
    question = FitQuestion.objects.create(
        match=cast.match, user=cast.mentee, after_meeting=1, asked_on=TODAY, created_at=NOW
    )
    answer_fit(question=question, answer="not_good", now=NOW)
    end_match(match=cast.match, actor=cast.mentee, now=NOW + timedelta(days=4), reason="no_fit")
    sweep(NOW + timedelta(days=5))

    today = TODAY + timedelta(days=6)
    clock = rematch_queue(cast.cohort, user=cast.program_manager, today=today)
    assert [(row.person, row.days) for row in clock.waiting] == [(cast.mentee, 6)]
    pair = DoNotPair.objects.get()
    assert {pair.low_id, pair.high_id} == {cast.mentor.pk, cast.mentee.pk}

    mentor = enrol(cast.cohort, make_person("new@example.org", "Nora New"), "mentor")
    make_match(mentor, cast.mentee_enrolment)
    sweep(NOW + timedelta(days=8))
    clock = rematch_queue(cast.cohort, user=cast.program_manager, today=today)
    assert [row.days for row in clock.done] == [8]
    assert (clock.waiting, clock.usual_days) == ([], 8)


def test_wish_taken_back_leaves_a_pair_that_did_not_fit(cast):
    def wish(*addresses):
        save_wishes(
            enrolment=cast.mentee_enrolment,
            actor=cast.mentee,
            now=NOW,
            gladly=(),
            not_with=addresses,
        )

    wish(cast.mentor.email)
    end_match(match=cast.match, actor=cast.mentee, now=NOW, reason="no_fit")
    sweep()

    wish()

    assert DoNotPair.objects.count() == 1


def test_who_left_a_circle_for_its_fit_does_not_meet_its_mentor_again(cast):
    for name in ("Ada", "Bo"):
        seat = enrol(cast.cohort, make_person(f"{name.lower()}@example.org", name), "mentee")
        MatchMember.objects.create(
            match=cast.match, user=seat.user, enrolment=seat, role="mentee", joined_at=NOW
        )
    question = FitQuestion.objects.create(
        match=cast.match, user=cast.mentee, after_meeting=1, asked_on=TODAY, created_at=NOW
    )
    answer_fit(question=question, answer="not_good", now=NOW)
    sweep()
    assert not DoNotPair.objects.exists()

    leave_match(match=cast.match, person=cast.mentee, actor=cast.mentee, now=NOW)
    sweep(NOW + timedelta(minutes=10))

    pair = DoNotPair.objects.get()
    assert {pair.low_id, pair.high_id} == {cast.mentor.pk, cast.mentee.pk}
    today = TODAY + timedelta(days=1)
    clock = rematch_queue(cast.cohort, user=cast.program_manager, today=today)
    assert [row.person for row in clock.waiting] == [cast.mentee]


def sit(cast, name: str, role: str, *, since) -> MatchMember:
    seat = enrol(cast.cohort, make_person(f"{name.lower()}@example.org", name), role)
    return MatchMember.objects.create(
        match=cast.match, user=seat.user, enrolment=seat, role=role, joined_at=since
    )


def test_who_was_never_in_a_circle_together_is_not_kept_apart(cast):
    early = sit(cast, "Early", "mentor", since=NOW)
    sit(cast, "Ada", "mentee", since=NOW)
    leave_match(match=cast.match, person=early.user, actor=early.user, now=NOW)
    late = sit(cast, "Late", "mentee", since=NOW + timedelta(days=2))
    question = FitQuestion.objects.create(
        match=cast.match, user=late.user, after_meeting=1, asked_on=TODAY, created_at=NOW
    )
    answer_fit(question=question, answer="not_good", now=NOW + timedelta(days=3))
    leave_match(match=cast.match, person=late.user, actor=late.user, now=NOW + timedelta(days=4))
    sweep(NOW + timedelta(days=4))

    pairs = {frozenset((pair.low_id, pair.high_id)) for pair in DoNotPair.objects.all()}
    assert pairs == {frozenset((late.user_id, cast.mentor.pk))}


def test_end_of_a_circle_says_nothing_about_who_left_before(cast):
    early = sit(cast, "Early", "mentee", since=NOW)
    sit(cast, "Ada", "mentee", since=NOW)
    leave_match(match=cast.match, person=early.user, actor=early.user, now=NOW)
    later = NOW + timedelta(days=20)
    end_match(match=cast.match, actor=cast.mentor, now=later, reason="no_fit")
    sweep(later)

    apart = {pk for pair in DoNotPair.objects.all() for pk in (pair.low_id, pair.high_id)}
    assert early.user_id not in apart
    clock = rematch_queue(cast.cohort, user=cast.program_manager, today=TODAY + timedelta(days=20))
    days = {row.person: row.days for row in clock.waiting}
    assert days[early.user] == 20


def test_circle_that_ends_well_leaves_who_left_before_in_the_queue(cast):
    early = sit(cast, "Early", "mentee", since=NOW)
    sit(cast, "Ada", "mentee", since=NOW)
    leave_match(match=cast.match, person=early.user, actor=early.user, now=NOW)
    later = NOW + timedelta(days=20)
    end_match(match=cast.match, actor=cast.program_manager, now=later, reason="completed")
    sweep(later)

    clock = rematch_queue(cast.cohort, user=cast.program_manager, today=TODAY + timedelta(days=20))
    assert [row.person for row in clock.waiting] == [early.user]


def test_pair_that_a_manager_lets_meet_again_stays_deleted(cast):
    end_match(match=cast.match, actor=cast.mentee, now=NOW, reason="no_fit")
    sweep()
    DoNotPair.objects.all().delete()

    sweep(NOW + timedelta(minutes=10))

    assert not DoNotPair.objects.exists()


def test_leaver_counts_days_where_the_person_is(cast):
    late = datetime(2026, 11, 19, 3, 0, tzinfo=UTC)  # the evening of the 18th in Toronto
    row = leave(cast, on=date(2026, 11, 18))
    assert (row.leaves_on, row.closes_on) == (date(2026, 11, 18), date(2026, 11, 25))
    undo_leaver(leaver=row, actor=cast.program_manager, now=NOW)

    ahead = record_leaver(
        person=cast.mentor,
        on=date(2026, 11, 18),
        program=cast.program,
        actor=None,
        now=NOW - timedelta(days=1),
    )

    assert carry_leavers(now=late) == 0
    assert carry_leavers(now=late + timedelta(hours=3)) == 1
    ahead.refresh_from_db()
    assert ahead.closes_on == date(2026, 11, 26)


def test_leaver_who_cannot_be_carried_stops_nobody_else(cast, caplog):
    stuck = make_person("stuck@example.org", "Stuck Person")
    for person in (stuck, cast.mentor):
        record_leaver(person=person, on=TODAY + timedelta(days=1), actor=None, now=NOW)
    trigger = "refuse_stuck"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION 'stuck'; END $$;"
            f"CREATE TRIGGER {trigger} BEFORE UPDATE ON support_leaver FOR EACH ROW "
            f"WHEN (NEW.person_id = {stuck.pk}) EXECUTE FUNCTION {trigger}()"
        )

    assert carry_leavers(now=NOW + timedelta(days=3)) == 1
    assert states(cast) == ("paused", "paused")
    assert "could not be carried" in caplog.text


def test_message_to_the_partner_names_cohort_and_match(cast):
    leave(cast)

    message = Message.objects.get(kind="support.partner_away")
    assert (message.cohort_id, message.match_id) == (cast.cohort.pk, cast.match.pk)


def test_queue_follows_the_day_when_it_moves(cast):
    leave(cast, on=TODAY + timedelta(days=10))
    sweep()
    leave(cast, on=TODAY + timedelta(days=12))

    sweep()

    assert WorkItem.objects.get(kind="leaving").reasons == ["leaves=2026-11-30"]


def test_leaver_is_undone_where_it_can_be_and_the_rest_is_told(cast):
    elsewhere = make_cohort(cast.program, name="Spring 2026")
    lone = make_person("lone@example.org", "Lone Wolf")
    other = make_match(enrol(elsewhere, cast.mentor, "mentor"), enrol(elsewhere, lone, "mentee"))
    row = leave(cast)
    Cohort.objects.filter(pk=elsewhere.pk).update(status="completed")

    page = cast.client("program_manager").post(f"/support/leaving/{row.pk}/undo/", follow=True)

    assert states(cast) == ("active", "enrolled")
    other.refresh_from_db()
    assert other.status == "paused"
    assert "but not in Spring 2026, which is over" in page.content.decode()


def test_leaver_noted_twice_stays_resting_until_both_are_undone(cast):
    first = leave(cast)
    second = leave(cast, program=None)

    undo_leaver(leaver=first, actor=cast.program_manager, now=NOW)
    assert states(cast) == ("paused", "paused")
    undo_leaver(leaver=second, actor=cast.program_manager, now=NOW)

    assert states(cast) == ("active", "enrolled")


def test_overload_is_raised_on_a_place_that_is_in_use(cast):
    first = enrol(cast.other_cohort, cast.mentor, "mentor", capacity=4)
    seat = enrol(make_cohort(cast.program, name="Winter"), cast.mentor, "mentor", capacity=4)
    for number in range(3):
        mentee = make_person(f"m{number}@example.org", f"Mentee {number}")
        make_match(seat, enrol(seat.cohort, mentee, "mentee"))
    Enrolment.objects.filter(pk=cast.mentor_enrolment.pk).update(status="paused")

    sweep()

    assert WorkItem.objects.get(kind="overload").enrolment_id == seat.pk
    assert first.pk < seat.pk


def test_match_that_reached_its_goals_starts_no_clock(cast):
    end_match(match=cast.match, actor=cast.mentee, now=NOW, reason="goals_reached")
    sweep()

    assert not WorkItem.objects.filter(kind="rematch").exists()


def test_farewell_stands_among_the_messages_and_the_mail_leads_there(cast):
    client = cast.client("mentee")
    assert (
        "Daniel, thank you for your time."
        in client.get(f"/matches/{cast.match.pk}/end/").content.decode()
    )

    client.post(
        f"/matches/{cast.match.pk}/end/",
        {"reason": "no_time", "farewell": "own", "words": "Zq7 be well"},
    )

    message = Message.objects.get(kind="matching.ended")
    send_message(pk=message.pk)
    mail = mailbox.read_mails()[0]
    assert "A few words are left for you." in mail.text
    assert "Zq7" not in mail.text
    assert (
        "Zq7 be well"
        in cast.client("mentor").get(f"/matches/{cast.match.pk}/messages/").content.decode()
    )


@pytest.mark.django_db(transaction=True)
def test_leaver_noted_twice_at_once_is_noted_once(cast):
    left = at_once(*[partial(leave, cast, on=TODAY + timedelta(days=3))] * 2)

    assert [type(row) for row in left] == [Leaver, Leaver]
    assert Leaver.objects.count() == 1
