from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time

import pytest
from django.db import connection

from audit.models import AuditEvent
from core.errors import DomainError, NotAllowed
from matching.services.closing import end_match
from sessions.models import ActionItem, Meeting, MeetingRating, PrivateNote, SharedSummary
from sessions.services import log_meeting
from tests.conftest import NOW, enrol, make_match, make_person

DAY = date(2026, 11, 12)


def log(cast, who="mentee", **values):
    return log_meeting(
        match=cast.match, actor=getattr(cast, who), now=NOW, **{"held_on": DAY, **values}
    )


def refusal(cast, who="mentee", **values) -> tuple[str, str]:
    with pytest.raises(DomainError) as caught:
        log(cast, who, **values)
    assert not Meeting.objects.exists()
    return caught.value.field, str(caught.value)


def test_log_meeting_with_only_a_day_is_held_and_counted(cast):
    meeting = log(cast)

    stored = Meeting.objects.get()
    assert stored == meeting
    assert (stored.status, stored.held_on, stored.same_day_number) == ("held", DAY, 1)
    assert (stored.minutes, stored.how, stored.starts_at) == (None, "", None)
    assert (stored.logged_by, stored.logged_at) == (cast.mentee, NOW)
    assert not meeting.was_merged
    assert sorted(stored.attendees.values_list("user_id", "is_confirmed", "during")) == [
        (cast.mentor.pk, False, None),
        (cast.mentee.pk, True, None),
    ]


def test_log_meeting_with_everything_stores_each_word_where_it_belongs(cast):
    meeting = log(
        cast,
        minutes=45,
        how="video",
        start_time=time(15, 0),
        summary=" We met the panel. ",
        private_note="Ask about pay.",
        rating=5,
        action_items=[
            {"text": "Send the draft", "due_on": date(2026, 11, 25)},
            {"text": "Share the rubric", "owner": cast.mentor.pk, "due_on": None},
            {"text": "   "},
        ],
    )

    assert meeting.starts_at == datetime(2026, 11, 12, 14, 0, tzinfo=UTC)
    assert SharedSummary.objects.get().text == "We met the panel."
    note = PrivateNote.objects.get()
    assert (note.author, note.text) == (cast.mentee, "Ask about pay.")
    assert MeetingRating.objects.values_list("author", "rating").get() == (cast.mentee.pk, 5)
    assert [
        (item.owner, item.text, item.due_on)
        for item in ActionItem.objects.order_by("created_at", "due_on")
    ] == [
        (cast.mentee, "Send the draft", date(2026, 11, 25)),
        (cast.mentor, "Share the rubric", None),
    ]


def test_log_meeting_stores_words_as_ciphertext(cast):
    log(cast, summary="zebra-one", private_note="zebra-two", action_items=[{"text": "zebra-three"}])

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text FROM meetings_sharedsummary UNION ALL SELECT text FROM"
            " meetings_privatenote UNION ALL SELECT text FROM meetings_actionitem"
        )
        stored = [bytes(row[0]) for row in cursor.fetchall()]
    assert len(stored) == 3
    assert not any(b"zebra" in value for value in stored)


def test_log_meeting_audit_names_no_words(cast):
    meeting = log(cast, summary="zebra", private_note="zebra", action_items=[{"text": "zebra"}])

    event = AuditEvent.objects.get()
    assert (event.action, event.actor_id, event.object_type, event.object_id) == (
        "meeting.logged",
        cast.mentee.pk,
        "meetings.meeting",
        str(meeting.pk),
    )
    assert event.program_id == cast.program.pk
    assert event.detail == {"match": cast.match.pk, "actions": 1}


@pytest.mark.parametrize("who", ["program_manager", "other_program_manager", "stranger"])
def test_log_meeting_by_somebody_else_is_not_allowed(cast, who):
    with pytest.raises(NotAllowed):
        log(cast, who)
    assert not Meeting.objects.exists()


def test_log_meeting_after_today_is_refused_in_words(cast):
    assert refusal(cast, held_on=date(2026, 12, 26)) == (
        "held_on",
        "26 December 2026 is in the future. Choose a date up to today.",
    )


def test_log_meeting_today_is_today_in_the_persons_zone(cast):
    night = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)

    with pytest.raises(DomainError):
        log_meeting(match=cast.match, actor=cast.mentor, now=night, held_on=date(2026, 11, 18))
    meeting = log_meeting(
        match=cast.match, actor=cast.mentee, now=night, held_on=date(2026, 11, 18)
    )

    assert meeting.held_on == date(2026, 11, 18)


def test_log_meeting_before_the_match_is_refused_in_words(cast):
    assert refusal(cast, held_on=date(2026, 9, 27)) == (
        "held_on",
        "You were matched on 28 September 2026. Choose that day or a later one.",
    )


def test_log_meeting_of_an_ended_match_takes_days_up_to_its_end(cast):
    end_match(
        match=cast.match,
        actor=cast.mentor,
        now=datetime(2026, 11, 13, 12, 0, tzinfo=UTC),
        reason="no_time",
    )

    assert refusal(cast, held_on=date(2026, 11, 14)) == (
        "held_on",
        "This match ended on 13 November 2026. Choose that day or an earlier one.",
    )
    assert log(cast, held_on=date(2026, 11, 13)).pk


def test_log_meeting_by_somebody_who_left_an_open_match_is_not_allowed(cast):
    cast.match.members.filter(user=cast.mentee).update(left_at=NOW)

    with pytest.raises(NotAllowed):
        log(cast)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"minutes": 0}, "minutes"),
        ({"minutes": 601}, "minutes"),
        ({"how": "telepathy"}, "how"),
        ({"rating": 6}, "rating"),
        ({"held_on": date(2026, 11, 18), "start_time": time(23, 0)}, "start_time"),
    ],
)
def test_log_meeting_with_a_value_that_cannot_be_names_its_field(cast, values, field):
    assert refusal(cast, **values)[0] == field


def test_log_meeting_at_a_time_the_clocks_skipped_is_refused(cast):
    cast.match.started_on = date(2026, 3, 1)
    cast.match.save(update_fields=["started_on"])

    assert refusal(cast, held_on=date(2026, 3, 29), start_time=time(2, 30))[0] == "start_time"


def test_log_meeting_with_an_action_for_a_stranger_is_refused(cast):
    items = [{"text": "Spy", "owner": cast.stranger.pk}]

    assert refusal(cast, action_items=items)[0] == "action_items"


def test_log_meeting_by_both_is_one_meeting_with_what_each_knows(cast):
    log(cast, minutes=45, summary="We met.", private_note="Mine.", rating=4)
    meeting = log(
        cast,
        "mentor",
        minutes=60,
        how="phone",
        start_time=time(9, 0),
        summary="Good talk.",
        private_note="My own.",
        rating=2,
        action_items=[{"text": "Call Ana"}],
    )

    assert meeting.was_merged
    stored = Meeting.objects.get()
    assert (stored.minutes, stored.how, stored.logged_by) == (45, "phone", cast.mentee)
    assert stored.starts_at == datetime(2026, 11, 12, 14, 0, tzinfo=UTC)
    assert SharedSummary.objects.get().text == "We met.\n\nDaniel: Good talk."
    notes = {note.author: note.text for note in PrivateNote.objects.all()}
    assert notes == {cast.mentee: "Mine.", cast.mentor: "My own."}
    assert set(MeetingRating.objects.values_list("author", "rating")) == {
        (cast.mentee.pk, 4),
        (cast.mentor.pk, 2),
    }
    assert set(stored.attendees.values_list("is_confirmed", flat=True)) == {True}
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "meeting.logged",
        "meeting.added_to",
    ]


def test_log_meeting_twice_alike_changes_nothing(cast):
    values = {"summary": "We met.", "private_note": "Mine.", "action_items": [{"text": "Do it"}]}
    log(cast, **values)
    log(cast, **values)

    assert Meeting.objects.count() == 1
    assert SharedSummary.objects.get().text == "We met."
    assert PrivateNote.objects.get().text == "Mine."
    assert ActionItem.objects.count() == 1


def test_log_meeting_another_same_day_counts_twice(cast):
    log(cast)
    second = log(cast, "mentor", another_same_day=True)

    assert second.same_day_number == 2
    assert not second.was_merged
    assert Meeting.objects.count() == 2


def test_log_meeting_over_ones_own_other_meeting_is_refused(cast):
    other = make_person("li@example.org", "Li Wei")
    second = make_match(cast.mentor_enrolment, enrol(cast.cohort, other, "mentee"))
    log(cast, "mentor", start_time=time(9, 0), minutes=60)

    with pytest.raises(DomainError) as caught:
        log_meeting(
            match=second,
            actor=cast.mentor,
            now=NOW,
            held_on=DAY,
            start_time=time(9, 59),
            minutes=30,
        )
    back_to_back = log_meeting(
        match=second, actor=cast.mentor, now=NOW, held_on=DAY, start_time=time(10, 0), minutes=30
    )

    assert (caught.value.code, caught.value.field) == ("overlap", "start_time")
    assert list(second.meetings.all()) == [back_to_back]


@pytest.mark.django_db(transaction=True)
def test_log_meeting_by_both_at_once_is_counted_once(cast):
    outcomes: list[bool] = []
    start = threading.Barrier(2)

    def write(who: str) -> None:
        try:
            start.wait(10)
            outcomes.append(log(cast, who, private_note=who).was_merged)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(who,)) for who in ("mentor", "mentee")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outcomes) == [False, True]
    assert Meeting.objects.count() == 1
    assert sorted(note.text for note in PrivateNote.objects.all()) == ["mentee", "mentor"]
