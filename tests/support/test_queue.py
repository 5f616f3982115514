"""The queue: what is raised, what settles, what a manager does, and whether it helped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from feedback.models import CheckIn
from matching.models import Match
from notifications.models import Message
from sessions.models import Meeting
from support.models import HealthRule, WorkItem, WorkNote
from support.services import (
    Raised,
    assign,
    close,
    judge_all,
    possible_owners,
    raise_items,
    reopen,
    snooze,
    write_note,
)
from support.services.raising import LOCK
from tests.conftest import NOW, enrol, grant, make_person

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def sweep(now=NOW):
    judge_all(now=now)
    return raise_items(now=now)


def met(cast, days_ago, *, now=NOW):
    return Meeting.objects.create(match=cast.match, held_on=now.date() - timedelta(days=days_ago))


def ask_for_help(cast, day):
    return CheckIn.objects.create(
        match=cast.match,
        user=cast.mentee,
        due_on=day,
        status="answered",
        answer="help",
        answered_at=NOW,
        created_at=NOW,
    )


@pytest.fixture
def silence(cast):
    met(cast, 30)
    sweep()
    return WorkItem.objects.get()


def test_silence_is_raised_once_with_its_reason(cast, silence):
    assert (silence.kind, silence.match, silence.reasons) == (
        "stalled",
        cast.match,
        ["long_gap=2026-10-19"],
    )
    assert sweep(NOW + timedelta(hours=1)) == Raised(0, 0, 0)


def test_a_match_that_does_well_raises_nothing(cast):
    met(cast, 3)

    assert sweep() == Raised(0, 0, 0)


def test_silence_settles_by_itself_when_they_meet(cast, silence):
    met(cast, 1)

    assert sweep(NOW + timedelta(hours=1)) == Raised(0, 1, 0)
    silence.refresh_from_db()
    assert (silence.outcome, silence.closed_by) == ("settled", None)


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_silence_settles_when_the_match_is_no_longer_active(cast, silence, status):
    ended_on = TODAY if status == "ended" else None
    Match.objects.update(status=status, ended_on=ended_on)

    assert sweep(NOW + timedelta(hours=1)).settled_count == 1


def test_silence_that_a_person_closed_rests_for_a_fortnight(cast, silence):
    HealthRule.objects.create(cohort=cast.cohort, signal="no_goals", effect=0)
    close(item=silence, outcome="talked", actor=cast.program_manager, now=NOW)

    assert sweep(NOW + timedelta(days=13)).raised_count == 0
    assert sweep(NOW + timedelta(days=15)).raised_count == 1
    assert WorkItem.objects.count() == 2


def test_a_call_for_help_is_closed_by_a_person_only_and_raised_for_a_new_call(cast):
    met(cast, 2)
    ask_for_help(cast, TODAY - timedelta(days=1))
    assert sweep().raised_count == 1
    item = WorkItem.objects.get()
    assert item.kind == "help"

    CheckIn.objects.update(answer="met")
    assert sweep(NOW + timedelta(hours=1)).settled_count == 0
    CheckIn.objects.update(answer="help")
    close(item=item, outcome="talked", actor=cast.program_manager, now=NOW)
    assert sweep(NOW + timedelta(days=1)).raised_count == 0

    ask_for_help(cast, TODAY + timedelta(days=2))
    assert sweep(NOW + timedelta(days=3)).raised_count == 1


def test_open_items_keep_up_with_their_reasons(cast, silence):
    Meeting.objects.update(held_on=TODAY - timedelta(days=65))

    sweep(NOW + timedelta(hours=1))

    silence.refresh_from_db()
    assert silence.reasons == ["dormant=2026-09-14"]


def test_a_mentee_without_a_match_is_raised_a_week_after_the_start(cast):
    met(cast, 2)
    late = enrol(cast.cohort, make_person("lee@example.org", "Lee Ann"), "mentee")
    assert sweep(NOW + timedelta(days=6)).raised_count == 0

    later = NOW + timedelta(days=8)
    assert sweep(later).raised_count == 1
    item = WorkItem.objects.get(enrolment=late)
    assert (item.kind, item.cohort) == ("unmatched", cast.cohort)

    late.status = "withdrawn"
    late.save()
    assert sweep(later + timedelta(hours=1)).settled_count == 1


def test_mail_that_failed_is_raised_until_one_arrives(cast):
    met(cast, 2)
    values = {
        "kind": "feedback.check_in",
        "recipient": cast.mentor,
        "program_id": cast.program.pk,
        "created_at": NOW,
    }
    Message.objects.create(
        key="a", message_id="<a@x>", state="failed", due_at=NOW - timedelta(days=2), **values
    )
    assert sweep().raised_count == 1
    assert WorkItem.objects.get().enrolment == cast.mentor_enrolment

    Message.objects.create(
        key="b", message_id="<b@x>", state="sent", due_at=NOW, sent_at=NOW, **values
    )
    assert sweep(NOW + timedelta(hours=1)).settled_count == 1


def test_whether_it_helped_is_seen_a_fortnight_later(cast, silence):
    close(item=silence, outcome="talked", actor=cast.program_manager, now=NOW)
    assert sweep(NOW + timedelta(days=13)).measured_count == 0
    met(cast, 1, now=NOW + timedelta(days=14))

    assert sweep(NOW + timedelta(days=14)).measured_count == 1

    silence.refresh_from_db()
    assert silence.helped == "better"


@pytest.mark.django_db(transaction=True)
def test_raising_does_nothing_while_another_sweep_raises(cast):
    met(cast, 30)
    judge_all(now=NOW)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            assert raise_items(now=NOW) == Raised()
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        assert raise_items(now=NOW).raised_count == 1
    finally:
        other.close()


def test_database_refuses_a_second_open_item_about_the_same(cast, silence):
    with pytest.raises(IntegrityError, match="work_once_a_match"), transaction.atomic():
        WorkItem.objects.create(cohort=cast.cohort, kind="stalled", match=cast.match, opened_at=NOW)
    with pytest.raises(IntegrityError, match="work_about_one_thing"), transaction.atomic():
        WorkItem.objects.create(cohort=cast.cohort, kind="mail", opened_at=NOW)


def test_owners_are_the_programs_managers_who_are_not_concerned(cast, silence):
    grant(cast.mentor, "manager", cast.program)
    chief = make_person("chief@example.org", "Chief Owner")
    grant(chief, "owner", None)

    assert possible_owners(silence) == [cast.program_manager, chief]
    with pytest.raises(DomainError, match="not concerned"):
        assign(item=silence, owner=cast.mentor, actor=cast.program_manager, now=NOW)


def test_taking_an_item_is_recorded(cast, silence):
    row = assign(item=silence, owner=cast.program_manager, actor=cast.program_manager, now=NOW)

    assert row.owner == cast.program_manager
    event = AuditEvent.objects.get(action="work.assigned")
    assert event.detail == {"kind": "stalled", "owner": cast.program_manager.pk}


@pytest.mark.parametrize("days", [0, -1, 93])
def test_rest_ends_within_three_months(cast, silence, days):
    with pytest.raises(DomainError, match="within three months"):
        snooze(
            item=silence,
            until=TODAY + timedelta(days=days),
            actor=cast.program_manager,
            now=NOW,
        )


def test_rest_counts_days_where_the_manager_is(cast, silence):
    cast.program_manager.time_zone = "Pacific/Auckland"
    evening = NOW.replace(hour=20)  # the next morning in Auckland
    there = TODAY + timedelta(days=1)

    with pytest.raises(DomainError):
        snooze(item=silence, until=there, actor=cast.program_manager, now=evening)


def test_resting_items_wait_until_their_day(cast, silence):
    until = TODAY + timedelta(days=3)
    snooze(item=silence, until=until, actor=cast.program_manager, now=NOW)
    rows = WorkItem.objects.managed_by(cast.program_manager)

    assert not rows.waiting(today=until - timedelta(days=1)).exists()
    assert rows.waiting(today=until).get() == silence


def test_closing_twice_tells_the_second(cast, silence):
    close(item=silence, outcome="talked", actor=cast.program_manager, now=NOW)

    with pytest.raises(Conflict, match="in the meantime"):
        close(item=silence, outcome="ended", actor=cast.program_manager, now=NOW)


@pytest.mark.parametrize("outcome", ["", "settled", "nonsense"])
def test_closing_needs_an_outcome_that_people_choose(cast, silence, outcome):
    with pytest.raises(DomainError, match="what came of it"):
        close(item=silence, outcome=outcome, actor=cast.program_manager, now=NOW)


def test_closed_items_open_again_unless_another_is_open(cast, silence):
    close(item=silence, outcome="nothing", actor=cast.program_manager, now=NOW)
    assert reopen(item=silence, actor=cast.program_manager, now=NOW).is_open

    close(item=silence, outcome="nothing", actor=cast.program_manager, now=NOW)
    sweep(NOW + timedelta(days=15))
    with pytest.raises(Conflict, match="open already"):
        reopen(item=silence, actor=cast.program_manager, now=NOW)


def test_notes_are_sealed_and_bounded(cast, silence):
    note = write_note(item=silence, text=" Call ", actor=cast.program_manager, now=NOW)

    assert WorkNote.objects.get(pk=note.pk).text == "Call"
    for text in ("  ", "x" * 4_001):
        with pytest.raises(DomainError):
            write_note(item=silence, text=text, actor=cast.program_manager, now=NOW)


def test_items_of_a_manager_leave_out_those_about_themselves(cast, silence):
    grant(cast.mentor, "manager", cast.program)

    assert not WorkItem.objects.managed_by(cast.mentor).exists()
    assert not WorkItem.objects.managed_by(cast.other_program_manager).exists()
    assert WorkItem.objects.managed_by(cast.program_manager).get() == silence
    assert date.fromisoformat(silence.reasons[0].partition("=")[2]) == TODAY - timedelta(days=30)
