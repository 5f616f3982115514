"""Events of a cohort: planned, everybody invited once, changed, cancelled, answered, noted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.models import User
from core.errors import Conflict, DomainError, NotAllowed
from notifications import registry
from notifications.letters import write_letter
from notifications.models import Message
from participants.importing.removing import ids_in_use
from participants.models import Answer, Enrolment, EnrolmentStatus
from programs.models import Audience, CohortStatus
from sessions.models import CohortEvent, EventGuest
from sessions.selectors import events_of_cohort, guests_of, people_of_match
from sessions.selectors.free import calendars_of
from sessions.services import (
    EventFacts,
    answer_event,
    cancel_event,
    change_event,
    make_feed,
    mark_attendance,
    plan_event,
    sweep_events,
)
from tests.conftest import enrol, make_person
from tests.sessions.test_invitations import calendar_of, text_of


def facts(**changes) -> EventFacts:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    values = {
        "kind": "kick_off",
        "starts_at": now + timedelta(days=9),
        "minutes": 60,
        "title": "Kick-off",
        "place": "Hall 2",
        "link": "https://zoom.us/j/123",
        "text": "Bring a question.",
        **changes,
    }
    return EventFacts(**values)


@pytest.fixture
def event(cast) -> CohortEvent:
    return plan_event(
        cohort=cast.cohort,
        audience=Audience.BOTH,
        facts=facts(),
        actor=cast.program_manager,
        now=timezone.now(),
    )


def kinds_of(user) -> list[str]:
    rows = Message.objects.filter(recipient=user, kind__startswith="events.")
    return list(rows.order_by("pk").values_list("kind", flat=True))


def test_everybody_of_the_audience_is_invited_once(cast, event):
    guests = set(event.guests.values_list("user", flat=True))

    assert guests == {cast.mentor.pk, cast.mentee.pk}
    assert kinds_of(cast.mentee) == ["events.invited"]
    sweep_events(now=timezone.now())
    sweep_events(now=timezone.now())
    assert kinds_of(cast.mentee) == ["events.invited"]


def test_event_for_mentors_invites_no_mentee(cast):
    event = plan_event(
        cohort=cast.cohort,
        audience=Audience.MENTOR,
        facts=facts(kind="round"),
        actor=cast.program_manager,
        now=timezone.now(),
    )

    assert [guest.user for guest in event.guests.all()] == [cast.mentor]


def test_who_joins_later_is_invited_by_the_sweep_to_every_event_to_come(cast, event):
    second = plan_event(
        cohort=cast.cohort,
        audience=Audience.MENTEE,
        facts=facts(kind="training"),
        actor=cast.program_manager,
        now=timezone.now(),
    )
    late = make_person("late@example.org", "Lena Late")
    enrol(cast.cohort, late, "mentee")

    sweep_events(now=timezone.now())

    assert set(late.event_invitations.values_list("event", flat=True)) == {event.pk, second.pk}
    assert kinds_of(late) == ["events.invited", "events.invited"]


def test_nobody_is_told_of_events_of_a_draft_until_it_opens(cast):
    cast.cohort.status = CohortStatus.DRAFT
    cast.cohort.save(update_fields=["status"])
    event = plan_event(
        cohort=cast.cohort,
        audience=Audience.BOTH,
        facts=facts(),
        actor=cast.program_manager,
        now=timezone.now(),
    )
    assert event.guests.count() == 0

    cast.cohort.status = CohortStatus.ENROLLING
    cast.cohort.save(update_fields=["status"])
    sweep_events(now=timezone.now())

    assert event.guests.count() == 2


def letter_to(person: User, kind: str) -> EmailMessage:
    """Write the newest mail of a kind to a person, as the sender would."""
    now = timezone.now()
    message = Message.objects.filter(kind=f"events.{kind}", recipient=person).latest("pk")
    found = registry.get(message.kind)
    assert found.is_still_due(message, now) == ""
    return message_from_bytes(write_letter(message, found, now=now).content, policy=default)


def reason_not_to_send(person: User, kind: str) -> str:
    message = Message.objects.filter(kind=f"events.{kind}", recipient=person).latest("pk")
    return registry.get(message.kind).is_still_due(message, timezone.now())


def test_invitation_is_a_calendar_entry_without_words_of_the_place(cast, event):
    letter = letter_to(cast.mentee, "invited")
    method, content = calendar_of(letter)
    (entry,) = Calendar.from_ical(content).walk("VEVENT")

    assert method == "REQUEST"
    assert str(entry["SUMMARY"]) == "Kick-off"
    assert entry["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert letter["Subject"] == "Invitation: Kick-off"
    assert f"/events/{event.pk}/" in text_of(letter)
    for private in (b"Hall 2", b"zoom.us", b"Bring a question"):
        assert private not in content
        assert private not in letter.as_bytes()


@pytest.mark.parametrize("what", ["invited", "changed", "cancelled", "reminder"])
def test_program_that_is_discreet_is_not_named_in_subject_or_calendar(cast, what):
    cast.program.is_discreet = True
    cast.program.save(update_fields=["is_discreet"])
    now = timezone.now()
    event = plan_event(
        cohort=cast.cohort,
        audience=Audience.MENTEE,
        facts=facts(title="Back to work round"),
        actor=cast.program_manager,
        now=now,
    )
    if what == "changed":
        new = facts(title="Back to work round", minutes=90)
        change_event(event=event, facts=new, actor=cast.program_manager, now=now)
    if what == "cancelled":
        cancel_event(event=event, reason="", actor=cast.program_manager, now=now)
    if what == "reminder":
        sweep_events(now=event.starts_at - timedelta(hours=30))

    letter = letter_to(cast.mentee, what)

    assert "Back to work" not in letter["Subject"]
    if what != "reminder":
        _method, content = calendar_of(letter)
        assert b"Back to work" not in content


def test_another_time_raises_the_sequence_and_asks_again(cast, event):
    answer_event(event=event, person=cast.mentee, answer="yes", now=timezone.now())
    later = facts(starts_at=event.starts_at + timedelta(hours=2))

    changed = change_event(event=event, facts=later, actor=cast.program_manager, now=timezone.now())

    assert changed.sequence == 1
    assert event.guests.get(user=cast.mentee).answer == ""
    assert kinds_of(cast.mentee) == ["events.invited", "events.changed"]


def test_saving_the_same_again_tells_nobody(cast, event):
    same = facts(starts_at=event.starts_at)

    changed = change_event(event=event, facts=same, actor=cast.program_manager, now=timezone.now())

    assert changed.sequence == 0
    assert kinds_of(cast.mentee) == ["events.invited"]


def test_cancelled_event_tells_its_guests_and_takes_no_answer(cast, event):
    cancel_event(event=event, reason="Ill", actor=cast.program_manager, now=timezone.now())

    assert kinds_of(cast.mentor) == ["events.invited", "events.cancelled"]
    with pytest.raises(Conflict):
        answer_event(event=event, person=cast.mentee, answer="yes", now=timezone.now())
    with pytest.raises(Conflict):
        cancel_event(event=event, reason="", actor=cast.program_manager, now=timezone.now())
    letter = letter_to(cast.mentor, "cancelled")
    method, content = calendar_of(letter)
    assert (letter["Subject"], method) == ("Cancelled: Kick-off", "CANCEL")
    assert b"STATUS:CANCELLED" in content
    assert b"Ill" not in letter.as_bytes()
    assert reason_not_to_send(cast.mentor, "invited") == "The event is cancelled."


def test_reminder_goes_the_day_before_to_who_has_not_said_no(cast, event):
    answer_event(event=event, person=cast.mentor, answer="no", now=timezone.now())
    now = event.starts_at - timedelta(hours=30)

    sweep_events(now=now)
    sweep_events(now=now)

    assert kinds_of(cast.mentee) == ["events.invited", "events.reminder"]
    assert kinds_of(cast.mentor) == ["events.invited"]


def test_who_withdrew_is_no_guest_any_more(cast, event):
    Enrolment.objects.filter(pk=cast.mentee_enrolment.pk).update(status=EnrolmentStatus.WITHDRAWN)
    with pytest.raises(NotAllowed):
        answer_event(event=event, person=cast.mentee, answer="yes", now=timezone.now())
    assert reason_not_to_send(cast.mentee, "invited") == "The person is not invited any more."
    assert reason_not_to_send(cast.mentor, "invited") == ""


def test_what_has_begun_may_get_another_link_but_no_earlier_moment(cast, event):
    begun = event.starts_at + timedelta(minutes=3)
    same_time = facts(starts_at=event.starts_at, link="https://meet.jit.si/other")

    changed = change_event(event=event, facts=same_time, actor=cast.program_manager, now=begun)

    assert changed.words.link == "https://meet.jit.si/other"
    moved = facts(starts_at=event.starts_at + timedelta(minutes=1))
    with pytest.raises(DomainError) as refused:
        change_event(event=event, facts=moved, actor=cast.program_manager, now=begun)
    assert refused.value.field == "day"


def test_who_changes_seats_stays_a_guest(cast, event):
    Enrolment.objects.filter(pk=cast.mentee_enrolment.pk).update(status=EnrolmentStatus.WITHDRAWN)
    seat = enrol(cast.cohort, cast.mentee, "mentor")

    sweep_events(now=timezone.now())

    guest = event.guests.get(user=cast.mentee)
    assert guest.enrolment == seat
    answer_event(event=event, person=cast.mentee, answer="yes", now=timezone.now())


def test_guest_of_mentees_does_not_stay_by_a_seat_as_mentor(cast):
    event = plan_event(
        cohort=cast.cohort,
        audience=Audience.MENTEE,
        facts=facts(),
        actor=cast.program_manager,
        now=timezone.now(),
    )
    Enrolment.objects.filter(pk=cast.mentee_enrolment.pk).update(status=EnrolmentStatus.WITHDRAWN)
    enrol(cast.cohort, cast.mentee, "mentor")

    sweep_events(now=timezone.now())

    assert event.guests.get(user=cast.mentee).enrolment == cast.mentee_enrolment


def test_invitation_nobody_answered_does_not_keep_an_import_from_being_undone(cast, event):
    late = enrol(cast.cohort, make_person("late@example.org", "Lena Late"), "mentee")
    sweep_events(now=timezone.now())
    assert ids_in_use(Enrolment, [late.pk], but={Answer}) == set()

    answer_event(event=event, person=late.user, answer="no", now=timezone.now())

    assert ids_in_use(Enrolment, [late.pk], but={Answer}) == {late.pk}


def test_attendance_waits_for_the_beginning_and_is_kept(cast, event):
    guests = {guest.user_id: guest.pk for guest in event.guests.all()}
    shown = set(guests.values())
    there = {guests[cast.mentee.pk]}
    with pytest.raises(Conflict):
        mark_attendance(
            event=event, shown=shown, there=there, actor=cast.program_manager, now=timezone.now()
        )

    mark_attendance(
        event=event,
        shown=shown,
        there=there,
        actor=cast.program_manager,
        now=event.starts_at + timedelta(minutes=5),
    )

    assert event.guests.get(user=cast.mentee).attended is True
    assert event.guests.get(user=cast.mentor).attended is False


def test_who_was_there_is_counted_after_they_have_left(cast, event):
    guest = event.guests.get(user=cast.mentee)
    mark_attendance(
        event=event,
        shown={guest.pk},
        there={guest.pk},
        actor=cast.program_manager,
        now=event.starts_at,
    )
    Enrolment.objects.filter(cohort=cast.cohort).update(status=EnrolmentStatus.WITHDRAWN)

    row = events_of_cohort(cast.cohort).get()

    assert (row.came, row.invited) == (1, guests_of(event).count()) == (1, 1)


def test_reminder_of_who_is_out_says_so(cast, event):
    sweep_events(now=event.starts_at - timedelta(hours=30))
    Enrolment.objects.filter(pk=cast.mentee_enrolment.pk).update(status=EnrolmentStatus.WITHDRAWN)

    assert reason_not_to_send(cast.mentee, "reminder") == "The person is not invited any more."


@pytest.mark.parametrize("page", ["edit", "cancel"])
def test_cancelled_event_is_neither_changed_nor_cancelled_again(cast, event, page):
    cancel_event(event=event, reason="", actor=cast.program_manager, now=timezone.now())

    answer = cast.client("program_manager").get(reverse(f"events:{page}", args=(event.pk,)))

    assert answer.headers["Location"] == reverse("events:detail", args=(event.pk,))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"starts_at": datetime(2020, 1, 1, tzinfo=UTC)}, "day"),
        ({"minutes": 0}, "minutes"),
        ({"title": "  "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"text": "x" * 4_001}, "text"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(cast, changes, field):
    with pytest.raises(DomainError) as refused:
        plan_event(
            cohort=cast.cohort,
            audience=Audience.BOTH,
            facts=facts(**changes),
            actor=cast.program_manager,
            now=timezone.now(),
        )

    assert refused.value.field == field
    assert not CohortEvent.objects.exists()


def test_database_refuses_a_guest_of_another_cohort(cast, event):
    stranger = enrol(cast.other_cohort, make_person("x@example.org", "X Y"), "mentee")

    with pytest.raises(IntegrityError), transaction.atomic():
        EventGuest.objects.create(
            event=event, enrolment=stranger, user=stranger.user, invited_at=timezone.now()
        )


def test_manager_plans_and_guest_answers_on_the_pages(cast):
    manager = cast.client("program_manager")
    day = timezone.now().date() + timedelta(days=12)
    form = {
        "kind": "training",
        "title": "Listening",
        "audience": "both",
        "day": day.isoformat(),
        "time": "14:00",
        "minutes": "90",
        "link": "https://meet.jit.si/listening",
    }
    answer = manager.post(reverse("events:plan", args=(cast.cohort.pk,)), form)
    event = CohortEvent.objects.get()
    assert answer.headers["Location"] == reverse("events:detail", args=(event.pk,))

    mentee = cast.client("mentee")
    path = reverse("events:detail", args=(event.pk,))
    page = mentee.get(path).content.decode()
    assert "Join on Jitsi Meet" in page
    assert str(cast.mentor) not in page  # guests do not see who else is invited
    mentee.post(reverse("events:answer", args=(event.pk,)), {"answer": "yes"})
    assert event.guests.get(user=cast.mentee).answer == "yes"
    assert "Listening" in mentee.get(reverse("meetings:list")).content.decode()
    assert "Listening" in mentee.get(reverse("home")).content.decode()

    shown = manager.get(path).content.decode()
    assert str(cast.mentor) in shown
    assert "Comes" in shown


def test_faulty_form_comes_back_with_what_was_typed(cast):
    manager = cast.client("program_manager")
    form = {"kind": "training", "title": "Listening", "audience": "both", "minutes": "90"}

    answer = manager.post(reverse("events:plan", args=(cast.cohort.pk,)), form)

    assert answer.status_code == 422
    assert 'value="Listening"' in answer.content.decode()
    assert not CohortEvent.objects.exists()


def test_pages_take_as_many_queries_for_many_as_for_few(cast, event, django_assert_max_num_queries):
    manager = cast.client("program_manager")
    for number in range(30):
        enrol(cast.cohort, make_person(f"g{number}@example.org", f"Guest {number}"), "mentee")
    for number in range(5):
        plan_event(
            cohort=cast.cohort,
            audience=Audience.BOTH,
            facts=facts(title=f"Event {number}"),
            actor=cast.program_manager,
            now=timezone.now(),
        )
    with django_assert_max_num_queries(8):
        manager.get(reverse("events:cohort", args=(cast.cohort.pk,)))
    with django_assert_max_num_queries(9):
        manager.get(reverse("events:detail", args=(event.pk,)))


def test_hours_of_an_event_are_not_suggested_for_meetings(cast, event):
    def busy() -> list[tuple]:
        people = people_of_match(cast.match)
        return [calendar.busy for calendar in calendars_of(people, now=timezone.now())]

    hours = (event.starts_at, event.ends_at)
    assert all(hours in calendar for calendar in busy())
    answer_event(event=event, person=cast.mentor, answer="no", now=timezone.now())
    assert sum(hours in calendar for calendar in busy()) == 1


def test_feed_holds_events_with_what_one_answered(client, cast, event):
    token = make_feed(person=cast.mentee, now=timezone.now())
    path = reverse("calendars:feed", args=(token,))
    assert "SUMMARY:Kick-off" in client.get(path).content.decode()

    answer_event(event=event, person=cast.mentee, answer="no", now=timezone.now())

    assert "STATUS:CANCELLED" in client.get(path).content.decode()
