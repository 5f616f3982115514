"""People decide, lists do not: who stays all the same, and what goes on when a leaver is undone."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEvent
from core.errors import Conflict
from matching.models import Match
from notifications import mailbox
from notifications.models import Message
from notifications.services import send_message
from participants.models import Enrolment
from participants.services.enrolling import move_enrolment
from participants.services.staying import plan_pause
from participants.services.waiting import turn_pauses
from support.feed.rows import Facts
from support.models import FeedPerson, Leaver, WorkItem
from support.services import (
    carry_leavers,
    keep_in_program,
    raise_items,
    record_leaver,
    undo_leaver,
)
from support.services.each import stands_alone
from support.services.following import Follower
from support.services.late import follow_late
from support.services.leaving import close_leaver
from tests.conftest import NOW, enrol, make_match, make_person
from tests.participants.joining import at_once

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
WEEK = timedelta(days=7)
YEARS_AGO = date(2024, 5, 31)


def say_gone(person, on: date | None = TODAY, was: date | None = None) -> None:
    """Write what a list says, and follow it."""
    FeedPerson.objects.update_or_create(user=person, defaults={"gone_on": on})
    Follower(actor=None, now=NOW).follow({person.pk: (Facts(was), Facts(on))})


def states(cast) -> tuple[str, str]:
    match = Match.objects.get(pk=cast.match.pk)
    return match.status, Enrolment.objects.get(pk=cast.mentor_enrolment.pk).status


def days(enrolment: Enrolment) -> tuple[str, date | None, date | None]:
    row = Enrolment.objects.get(pk=enrolment.pk)
    return row.status, row.pause_from, row.pause_until


def leaver_page(cast) -> str:
    return f"/support/enrolments/{cast.mentor_enrolment.pk}/leaving/"


@pytest.fixture
def elsewhere(cast) -> Match:
    lone = make_person("lone@example.org", "Lone Wolf")
    return make_match(
        enrol(cast.other_cohort, cast.mentor, "mentor"), enrol(cast.other_cohort, lone, "mentee")
    )


def test_manager_keeps_in_their_program_whom_a_list_lets_go_everywhere(cast, elsewhere):
    say_gone(cast.mentor)
    client = cast.client("program_manager")
    page = client.get(leaver_page(cast)).content.decode()
    assert "1 match of Rising Leaders rests and closes on" in page

    address = f"/support/enrolments/{cast.mentor_enrolment.pk}/stays/"
    page = client.post(address, follow=True).content.decode()

    assert "They stay in Rising Leaders all the same." in page
    assert states(cast) == ("active", "enrolled")
    event = AuditEvent.objects.get(action="leaver.kept")
    assert (event.actor_id, event.program_id) == (cast.program_manager.pk, cast.program.pk)
    later = NOW + WEEK
    assert (carry_leavers(now=later), follow_late(now=later)) == (1, 0)
    elsewhere.refresh_from_db()
    assert (states(cast), elsewhere.status) == (("active", "enrolled"), "ended")


def test_who_is_kept_stays_kept_when_the_list_moves_the_day(cast):
    say_gone(cast.mentor)
    keep_in_program(person=cast.mentor, program=cast.program, actor=cast.program_manager, now=NOW)

    say_gone(cast.mentor, date(2026, 12, 31), was=TODAY)

    note = Leaver.objects.get(undone_at=None)
    assert (note.leaves_on, note.kept_programs) == (date(2026, 12, 31), [cast.program.pk])


def test_manager_who_takes_up_a_match_that_rests_is_asked_whether_they_stay(cast):
    say_gone(cast.mentor)

    address = f"/matches/{cast.match.pk}/pause/"
    page = cast.client("program_manager").post(address, follow=True)

    assert page.redirect_chain[-1][0] == leaver_page(cast)
    assert "This match rests because Daniel Osei leaves." in page.content.decode()
    assert states(cast) == ("paused", "paused")


def test_queue_leads_to_where_somebody_stays_and_lets_go_of_them_then(cast):
    say_gone(cast.mentor)
    raise_items(now=NOW)
    item = WorkItem.objects.get(kind="leaving")
    page = cast.client("program_manager").get(f"/support/queue/{item.pk}/")
    assert leaver_page(cast) in page.content.decode()

    keep_in_program(person=cast.mentor, program=cast.program, actor=cast.program_manager, now=NOW)
    raise_items(now=NOW)

    assert WorkItem.objects.get(kind="leaving").outcome == "settled"


def test_keeping_somebody_of_whom_nothing_is_noted_is_refused(cast):
    with pytest.raises(Conflict):
        keep_in_program(person=cast.mentor, program=cast.program, actor=cast.mentee, now=NOW)


def test_who_takes_part_anew_after_a_list_closed_it_is_let_be(cast):
    say_gone(cast.mentor)
    later = NOW + WEEK
    carry_leavers(now=later)
    move_enrolment(
        enrolment=cast.mentor_enrolment, to="enrolled", actor=cast.program_manager, now=later
    )

    assert follow_late(now=later) == 0
    say_gone(cast.mentor, TODAY - timedelta(days=2), was=TODAY)  # the list corrects the day

    assert states(cast) == ("ended", "enrolled")
    page = cast.client("program_manager").get(leaver_page(cast)).content.decode()
    assert "nothing follows from that by itself" in page


def test_who_left_long_ago_may_take_part_again(cast):
    FeedPerson.objects.create(user=cast.mentor, gone_on=YEARS_AGO)

    assert follow_late(now=NOW) == 0
    assert states(cast) == ("active", "enrolled")


@pytest.mark.parametrize("was_told", [True, False])
def test_partner_who_was_told_that_the_match_rests_is_told_that_it_goes_on(cast, was_told):
    note = record_leaver(person=cast.mentor, on=TODAY, actor=None, now=NOW)
    if was_told:
        send_message(pk=Message.objects.get().pk, clock=lambda: NOW)

    undo_leaver(leaver=note, actor=None, now=NOW)

    told = Message.objects.filter(kind="support.partner_back")
    assert [row.recipient for row in told] == ([cast.mentee] if was_told else [])
    for row in told:
        send_message(pk=row.pk, clock=lambda: NOW)
        mail = mailbox.read_mails()[0]
        assert mail.subject == "Your match with Daniel goes on"
        assert "leave" not in mail.text


def test_undo_brings_back_a_pause_that_was_planned_before(cast):
    place, first, last = cast.mentor_enrolment, date(2026, 12, 10), date(2026, 12, 20)
    plan_pause(enrolment=place, actor=cast.mentor, now=NOW, pause_from=first, pause_until=last)
    note = record_leaver(person=cast.mentor, on=TODAY, actor=None, now=NOW)
    assert days(place)[0] == "paused"

    undo_leaver(leaver=note, actor=None, now=NOW)

    assert days(place) == ("enrolled", first, last)


def test_undo_leaves_a_planned_pause_that_has_begun_meanwhile(cast):
    place, first, last = cast.mentor_enrolment, date(2026, 11, 20), date(2026, 12, 20)
    plan_pause(enrolment=place, actor=cast.mentor, now=NOW, pause_from=first, pause_until=last)
    note = record_leaver(person=cast.mentor, on=TODAY, actor=None, now=NOW)

    undo_leaver(leaver=note, actor=None, now=NOW + timedelta(days=4))

    assert days(place) == ("paused", first, last)


def test_end_of_a_pause_wakes_nobody_who_leaves_but_who_is_kept(cast, elsewhere):
    mine, other = (
        cast.mentor_enrolment,
        Enrolment.objects.get(cohort=cast.other_cohort, role="mentor"),
    )
    for place in (mine, other):
        plan_pause(
            enrolment=place, actor=None, now=NOW, pause_from=TODAY, pause_until=TODAY + WEEK / 7
        )
    say_gone(cast.mentor)
    keep_in_program(person=cast.mentor, program=cast.program, actor=cast.program_manager, now=NOW)

    turn_pauses(now=NOW + timedelta(days=3))

    assert (days(mine)[0], days(other)[0]) == ("enrolled", "paused")


def test_sweep_takes_back_what_a_list_could_not(cast):
    say_gone(cast.mentor)
    FeedPerson.objects.update(gone_on=None)

    assert (follow_late(now=NOW), follow_late(now=NOW)) == (1, 0)
    assert states(cast) == ("active", "enrolled")


def test_sweep_ends_the_pause_of_a_leave_that_is_no_more(cast):
    place = cast.mentor_enrolment
    plan_pause(enrolment=place, actor=None, now=NOW, pause_from=TODAY, pause_until=None)
    FeedPerson.objects.create(user=cast.mentor, pauses={str(place.pk): [TODAY.isoformat(), None]})

    assert (follow_late(now=NOW), follow_late(now=NOW)) == (1, 0)
    assert days(place) == ("enrolled", None, None)


def test_last_day_more_than_a_year_away_waits_and_stops_no_list(cast):
    say_gone(cast.mentor, date(2026, 12, 31))

    say_gone(cast.mentor, date(2028, 12, 31), was=date(2026, 12, 31))

    assert Leaver.objects.get().undone_at == NOW
    assert follow_late(now=NOW) == 0


def test_who_is_locked_out_in_a_ring_stops_nobody_else_and_is_followed_later(cast, caplog):
    stuck = cast.mentee
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION ring() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'ring' USING ERRCODE = 'deadlock_detected'; END $$;"
            "CREATE TRIGGER ring BEFORE INSERT ON support_leaver FOR EACH ROW "
            f"WHEN (NEW.person_id = {stuck.pk}) EXECUTE FUNCTION ring()"
        )
    both = (stuck, cast.mentor)
    FeedPerson.objects.bulk_create([FeedPerson(user=one, gone_on=TODAY) for one in both])

    Follower(actor=None, now=NOW).follow({one.pk: (Facts(), Facts(TODAY)) for one in both})

    assert Leaver.objects.get().person == cast.mentor
    assert "could not be followed yet" in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER ring ON support_leaver")
    follow_late(now=NOW)
    assert Leaver.objects.filter(person=stuck).count() == 1


def _locked_tables(act) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        act()
    locks = [query["sql"] for query in seen if re.search(r"FOR (NO KEY )?UPDATE", query["sql"])]
    tables = [re.search(r'FROM "(\w+)"', sql)[1] for sql in locks]
    return list(dict.fromkeys(tables))


def test_locks_are_taken_in_the_same_order_by_all_who_let_somebody_go(cast):
    order = [
        "accounts_user",
        "support_feedperson",
        "support_leaver",
        "programs_cohort",
        "matching_match",
        "participants_enrolment",
    ]
    FeedPerson.objects.create(user=cast.mentor, gone_on=TODAY)
    facts = {cast.mentor.pk: (Facts(), Facts(TODAY))}

    def undo() -> None:
        undo_leaver(leaver=Leaver.objects.get(undone_at=None), actor=None, now=NOW)

    acts = (
        lambda: Follower(actor=None, now=NOW).follow(facts),
        undo,
        lambda: record_leaver(person=cast.mentor, on=TODAY, actor=None, now=NOW),
        lambda: keep_in_program(
            person=cast.mentor, program=cast.other_program, actor=cast.mentor, now=NOW
        ),
        lambda: close_leaver(leaver=Leaver.objects.get(undone_at=None), now=NOW),
    )
    for act in acts:
        tables = _locked_tables(act)
        assert tables == [table for table in order if table in tables]
        assert tables[0] == "accounts_user"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("was_back", [False, True])
def test_sweep_passes_by_whom_a_list_is_just_writing(cast, caplog, was_back):
    if was_back:
        record_leaver(person=cast.mentor, on=TODAY, actor=None, now=NOW)
    FeedPerson.objects.update_or_create(
        user=cast.mentor, defaults={"gone_on": None if was_back else TODAY}
    )

    def sweep() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return follow_late(now=NOW)

    with transaction.atomic():
        type(cast.mentor).objects.select_for_update(no_key=True).get(pk=cast.mentor.pk)
        at_once(sweep)

    open_now = Leaver.objects.filter(undone_at=None)
    assert open_now.exists() is was_back
    assert "could not be followed" not in caplog.text
    follow_late(now=NOW)
    assert open_now.exists() is not was_back


def test_end_of_the_time_of_a_task_is_no_failure_of_one(cast):
    def late() -> None:
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        stands_alone(late, "%s failed", 1)
    assert not stands_alone(lambda: 1 // 0, "%s failed", 1)
