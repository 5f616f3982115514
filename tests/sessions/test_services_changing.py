from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from audit.models import AuditEvent
from core.errors import Conflict, DomainError, NotAllowed
from sessions.models import (
    ActionItem,
    Meeting,
    MeetingAttendee,
    MeetingRating,
    PrivateNote,
    SharedSummary,
)
from sessions.services import change_meeting, log_meeting, remove_meeting, set_action_done
from tests.conftest import NOW

DAY = date(2026, 11, 12)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def meeting(cast) -> Meeting:
    return log_meeting(
        match=cast.match,
        actor=cast.mentee,
        now=NOW,
        held_on=DAY,
        minutes=45,
        summary="We met.",
        private_note="Mine.",
        rating=4,
        action_items=[{"text": "Send it"}, {"text": "Read it"}],
    )


def change(meeting, actor, **values) -> Meeting:
    return change_meeting(
        meeting=meeting, actor=actor, now=LATER, **{"held_on": meeting.held_on, **values}
    )


def test_change_meeting_replaces_shared_words_and_only_ones_own_private_ones(cast, meeting):
    change(meeting, cast.mentor, minutes=60, how="phone", summary="Better.", private_note="His.")

    stored = Meeting.objects.get()
    assert (stored.minutes, stored.how, stored.logged_by) == (60, "phone", cast.mentee)
    summary = SharedSummary.objects.get()
    assert (summary.text, summary.changed_by) == ("Better.", cast.mentor)
    notes = {note.author: note.text for note in PrivateNote.objects.all()}
    assert notes == {cast.mentee: "Mine.", cast.mentor: "His."}
    assert MeetingRating.objects.values_list("author", flat=True).get() == cast.mentee.pk


def test_change_meeting_to_nothing_removes_the_words(cast, meeting):
    change(meeting, cast.mentee)

    assert not SharedSummary.objects.exists()
    assert not PrivateNote.objects.exists()
    assert not MeetingRating.objects.exists()


def test_change_meeting_adds_action_items(cast, meeting):
    change(meeting, cast.mentor, action_items=[{"text": "Call"}])

    found = {item.text: item.owner for item in ActionItem.objects.all()}
    assert found == {"Send it": cast.mentee, "Read it": cast.mentee, "Call": cast.mentor}


def test_change_meeting_to_another_day_moves_it(cast, meeting):
    change(meeting, cast.mentee, held_on=date(2026, 11, 10), start_time=time(9, 0), minutes=30)

    stored = Meeting.objects.get()
    assert stored.held_on == date(2026, 11, 10)
    during = MeetingAttendee.objects.get(user=cast.mentor).during
    assert during.upper - during.lower == timedelta(minutes=30)


def test_change_meeting_to_a_day_that_is_logged_is_refused(cast, meeting):
    other = log_meeting(match=cast.match, actor=cast.mentee, now=NOW, held_on=date(2026, 11, 10))

    with pytest.raises(DomainError) as caught:
        change(other, cast.mentee, held_on=DAY)
    assert caught.value.field == "held_on"


def test_change_meeting_over_words_one_has_not_seen_is_a_conflict(cast, meeting):
    seen_at = meeting.summary.changed_at
    change(meeting, cast.mentor, summary="Daniel's words.")

    with pytest.raises(Conflict):
        change(meeting, cast.mentee, summary="My words.", summary_seen_at=seen_at)
    assert SharedSummary.objects.get().text == "Daniel's words."


@pytest.mark.parametrize("who", ["program_manager", "stranger"])
def test_change_meeting_by_somebody_else_is_not_allowed(cast, meeting, who):
    with pytest.raises(NotAllowed):
        change(meeting, getattr(cast, who), summary="Mine now.")


def test_remove_meeting_by_its_logger_leaves_only_the_audit(cast, meeting):
    number = str(meeting.pk)
    remove_meeting(meeting=meeting, actor=cast.mentee, now=LATER)

    assert not Meeting.objects.exists()
    assert not ActionItem.objects.exists()
    assert not PrivateNote.objects.exists()
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.object_id, event.detail) == (
        "meeting.removed",
        number,
        {"match": cast.match.pk},
    )


@pytest.mark.parametrize("who", ["mentor", "program_manager", "stranger"])
def test_remove_meeting_by_somebody_else_is_not_allowed(cast, meeting, who):
    with pytest.raises(NotAllowed):
        remove_meeting(meeting=meeting, actor=getattr(cast, who), now=LATER)
    assert Meeting.objects.count() == 1


def test_remove_meeting_that_the_partner_added_to_is_not_allowed(cast, meeting):
    log_meeting(match=cast.match, actor=cast.mentor, now=LATER, held_on=DAY)

    with pytest.raises(NotAllowed):
        remove_meeting(meeting=meeting, actor=cast.mentee, now=LATER)


def test_remove_meeting_twice_is_a_conflict(cast, meeting):
    again = Meeting.objects.get()
    remove_meeting(meeting=meeting, actor=cast.mentee, now=LATER)

    with pytest.raises(Conflict):
        remove_meeting(meeting=again, actor=cast.mentee, now=LATER)


def test_set_action_done_by_either_is_done_once(cast, meeting):
    item = meeting.action_items.first()
    set_action_done(action=item, actor=cast.mentor, now=LATER, is_done=True)
    set_action_done(action=item, actor=cast.mentee, now=NOW, is_done=True)

    item.refresh_from_db()
    assert item.done_at == LATER
    assert AuditEvent.objects.filter(action="action.done").count() == 1


def test_set_action_done_taken_back_is_open(cast, meeting):
    item = meeting.action_items.first()
    set_action_done(action=item, actor=cast.mentor, now=LATER, is_done=True)
    set_action_done(action=item, actor=cast.mentor, now=LATER, is_done=False)

    item.refresh_from_db()
    assert item.done_at is None


@pytest.mark.parametrize("who", ["program_manager", "stranger"])
def test_set_action_done_by_somebody_else_is_not_allowed(cast, meeting, who):
    with pytest.raises(NotAllowed):
        set_action_done(
            action=meeting.action_items.first(),
            actor=getattr(cast, who),
            now=LATER,
            is_done=True,
        )
