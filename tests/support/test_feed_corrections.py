"""Lists that correct one another: what was decided or has begun meanwhile outlasts them."""

from __future__ import annotations

import threading
import time
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from accounts.models import Level, User
from matching.models import Match
from notifications.models import Message, MessagePreference, Notice
from notifications.services import send_message
from participants.models import Enrolment
from support.models import FeedPerson, Leaver
from support.services import carry_leavers, keep_in_program, record_leaver, undo_leaver
from support.services.late import follow_late
from tests.conftest import NOW, make_person
from tests.participants.joining import at_once
from tests.support.listing import TODAY, applied, states, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("numbers")]
LAST_DAY = "employee id,last day"
LEAVE = "employee id,leave from,leave until"
BOTH = "employee id,last day,leave from,leave until"
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def keep(cast) -> None:
    keep_in_program(person=cast.mentor, program=cast.program, actor=cast.program_manager, now=NOW)


def swept(cast, now) -> tuple[str, str]:
    carry_leavers(now=now)
    follow_late(now=now)
    carry_leavers(now=now)
    return states(cast)


@pytest.mark.parametrize("is_undone", [False, True])
def test_who_leaves_during_a_leave_is_out_of_the_pool_until_it_is_taken_back(cast, is_undone):
    """In a list of everybody, who leaves for good has no leave any more."""
    applied("E1,,2026-11-18,2026-12-18", head=BOTH)
    assert states(cast) == ("active", "paused")

    feed = applied("E1,2026-11-18,,", "E2,,,", head=BOTH, kind="full")
    assert states(cast) == ("paused", "paused")

    if is_undone:
        undone(feed)
    else:
        applied("E1,,,", "E2,,,", head=BOTH, kind="full")
    place = Enrolment.objects.get(pk=cast.mentor_enrolment.pk)
    until = date(2026, 12, 18) if is_undone else None
    assert states(cast) == ("active", "paused" if is_undone else "enrolled")
    assert place.pause_until == until


@pytest.mark.parametrize("corrected_after", [0, 8])
def test_last_day_that_is_corrected_afterwards_lets_nobody_go_who_was_kept(cast, corrected_after):
    then = NOW + corrected_after * DAY
    applied("E1,2026-11-16", head=LAST_DAY)
    keep(cast)
    if corrected_after:
        swept(cast, then)

    applied("E1,2026-11-17", head=LAST_DAY, now=then, dated=then.date())

    assert swept(cast, then) == ("active", "enrolled")
    assert swept(cast, then + 2 * WEEK) == ("active", "enrolled")
    assert Leaver.objects.get().leaves_on == date(2026, 11, 17)


def test_last_day_that_is_moved_ahead_after_matches_closed_lets_nobody_go_who_was_kept(cast):
    applied("E1,2026-11-16", head=LAST_DAY)
    keep(cast)
    later = NOW + 8 * DAY
    swept(cast, later)

    applied("E1,2026-12-11", head=LAST_DAY, now=later, dated=later.date())

    assert swept(cast, NOW + 60 * DAY) == ("active", "enrolled")


def test_undoing_a_list_by_which_somebody_was_back_leaves_them_where_they_are_kept(cast):
    applied("E1,2026-11-18", head=LAST_DAY)
    keep(cast)
    feed = applied("E1,", "E2,", head=LAST_DAY, kind="full")

    undone(feed)

    assert FeedPerson.objects.get(user=cast.mentor).gone_on == TODAY
    assert states(cast) == ("active", "enrolled")


def test_second_leave_lets_mail_wait_as_the_first_did(cast):
    applied("E1,2026-11-18,2026-11-20", head=LEAVE)
    later = NOW + WEEK

    applied("E1,2026-11-25,2026-12-18", head=LEAVE, now=later, dated=later.date())

    own = MessagePreference.objects.get(user=cast.mentor)
    assert (own.leave_from, own.leave_until) == (date(2026, 11, 25), date(2026, 12, 18))


def test_undoing_a_longer_leave_ends_the_pause_when_the_shorter_one_is_over(cast):
    applied("E1,2026-11-18,2026-11-20", head=LEAVE)
    feed = applied("E1,2026-11-18,2026-12-18", head=LEAVE)
    assert states(cast) == ("active", "paused")

    undone(feed, now=NOW + 5 * DAY)

    assert Enrolment.objects.get(pk=cast.mentor_enrolment.pk).status == "enrolled"


@pytest.mark.parametrize("is_read", [False, True])
def test_partner_is_told_that_a_match_goes_on_which_two_notes_let_rest(cast, is_read):
    """One note let it rest and told so, by mail or in the inbox; the other lets it go on."""
    first = record_leaver(
        person=cast.mentor, program=cast.program, on=TODAY, actor=cast.program_manager, now=NOW
    )
    send_message(pk=Message.objects.get().pk, clock=lambda: NOW)
    if is_read:
        Message.objects.update(state="due")
        Notice.objects.update(read_at=NOW)
    second = record_leaver(person=cast.mentor, on=TODAY, actor=None, now=NOW)
    undo_leaver(leaver=first, actor=cast.program_manager, now=NOW)
    assert Match.objects.get(pk=cast.match.pk).status == "paused"

    undo_leaver(leaver=second, actor=None, now=NOW)

    assert Match.objects.get(pk=cast.match.pk).status == "active"
    back = Message.objects.filter(kind="support.partner_back")
    assert [row.recipient for row in back] == [cast.mentee]


def by_hand(person: User, **values) -> None:
    User.objects.filter(pk=person.pk).update(**values)


@pytest.mark.parametrize("happens", ["ring", "gone", "nothing"])
def test_undo_gives_nobody_a_manager_who_is_gone_or_reports_to_them(cast, happens):
    """What cannot return for one stays, and stops no other."""
    before = make_person("before@example.org", "Before Boss")
    by_hand(cast.mentee, manager=before)
    feed = applied(
        f"E2,priya@example.org,Sales,{cast.mentor.email}",
        head="employee id,email,department,manager email",
    )
    if happens == "gone":
        before.delete()
    if happens == "ring":
        by_hand(before, manager=cast.mentee)

    counts = undone(feed).counts["undone"]

    cast.mentee.refresh_from_db()
    assert cast.mentee.department == "Finance"
    returns = happens == "nothing"
    assert cast.mentee.manager == (before if returns else cast.mentor)
    assert counts["kept"] == (0 if returns else 1)


def test_undo_takes_nobody_their_level_because_the_earlier_one_is_no_more(cast):
    old, new = (Level.objects.create(name=name, rank=rank) for rank, name in enumerate("AB", 90))
    by_hand(cast.mentee, level=old)
    feed = applied("E2,B", head="employee id,level")
    Level.objects.filter(pk=old.pk).update(name="A1")

    undone(feed)

    cast.mentee.refresh_from_db()
    assert cast.mentee.level == new


@pytest.mark.django_db(transaction=True)
def test_name_that_somebody_changes_while_a_list_is_written_stays(cast):
    """The list writes first names, though not theirs."""

    def choose_name() -> None:
        with transaction.atomic():
            by_hand(cast.mentor, first_name="Dan")
            started.set()
            until = time.monotonic() + 5
            while not _somebody_waits() and time.monotonic() < until:
                time.sleep(0.02)

    def write() -> None:
        started.wait(timeout=5)
        applied("E1,,Sales", "E2,Prisca,", head="employee id,first name,department")

    started = threading.Event()
    at_once(choose_name, write)

    cast.mentor.refresh_from_db()
    cast.mentee.refresh_from_db()
    assert (cast.mentor.first_name, cast.mentor.department) == ("Dan", "Sales")
    assert cast.mentee.first_name == "Prisca"


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees no change
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND cardinality(pg_blocking_pids(pid)) > 0)"
        )
        return bool(cursor.fetchone()[0])
