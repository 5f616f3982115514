"""What managers write: to whom, how it reads, and that it goes out once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from accounts.models import RoleGrant
from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from notifications import mailbox
from notifications.models import Message
from notifications.services import send_message, stop_kind
from participants.models import Enrolment
from programs.models import Cohort
from sessions.models import Meeting
from support.announcing import KIND, people_of, preview, reasons_skipped, values_for
from support.models import Announcement, AnnouncementWords, WorkItem
from support.services import (
    cancel_announcement,
    draft_announcement,
    schedule_announcement,
    send_announcement,
    send_due_announcements,
)
from tests.conftest import NOW, enrol, grant, make_match, make_person

pytestmark = pytest.mark.django_db


def draft(cast, segment="all", **fields) -> Announcement:
    values = {"subject": "Hello {partner}", "text": "Dear {first_name}, this is {program}."}
    return draft_announcement(
        cohort=cast.cohort,
        segment=segment,
        actor=cast.program_manager,
        now=NOW,
        **{**values, **fields},
    )


@pytest.fixture
def lone(cast):
    person = make_person("lea@example.org", "Lea Lone", department="Finance")
    enrol(cast.cohort, person, "mentee")
    return person


def emails(rows) -> list[str]:
    return sorted(person.email for person in rows)


def test_segments_hold_the_people_they_name(cast, lone):
    both = ["daniel@example.org", "priya@example.org"]
    segments = {
        name: emails(people_of(cast.cohort, name))
        for name in ("all", "mentors", "mentees", "not_met", "unmatched", "no_goals")
    }

    assert segments == {
        "all": ["daniel@example.org", "lea@example.org", "priya@example.org"],
        "mentors": ["daniel@example.org"],
        "mentees": ["lea@example.org", "priya@example.org"],
        "not_met": both,
        "unmatched": ["lea@example.org"],
        "no_goals": both,
    }
    assert emails(people_of(cast.cohort, "mentees", department="Finance")) == [
        "lea@example.org",
        "priya@example.org",
    ]


def test_people_on_leave_and_who_met_are_left_out(cast):
    Meeting.objects.create(match=cast.match, held_on=NOW.date())
    Enrolment.objects.filter(pk=cast.mentee_enrolment.pk).update(status="paused")

    assert emails(people_of(cast.cohort, "not_met")) == []
    assert emails(people_of(cast.cohort, "all")) == ["daniel@example.org"]


def test_message_goes_out_once_with_its_words_filled_in(cast):
    sent = send_announcement(announcement=draft(cast), actor=cast.program_manager, now=NOW)
    with pytest.raises(Conflict):
        send_announcement(announcement=sent, actor=cast.program_manager, now=NOW)
    assert Message.objects.filter(kind=KIND).count() == sent.audience_count == 2

    send_message(pk=Message.objects.get(recipient=cast.mentee).pk, clock=lambda: NOW)
    mail = mailbox.read_mails()[0]
    assert mail.subject == "Hello Daniel"
    assert "Dear Priya, this is Rising Leaders." in mail.text
    assert "Stop this kind of mail" in mail.text


def test_words_are_sealed_and_not_in_the_audit(cast):
    row = draft(cast, text="Between us")

    stored = AnnouncementWords.objects.filter(announcement=row).values_list("text", flat=True)
    assert b"Between" not in bytes(stored.get())
    event = AuditEvent.objects.get(action="announcement.drafted")
    assert event.detail == {"segment": "all"}


def test_whoever_met_meanwhile_is_skipped(cast):
    send_announcement(announcement=draft(cast, "not_met"), actor=cast.program_manager, now=NOW)
    Meeting.objects.create(match=cast.match, held_on=NOW.date())
    message = Message.objects.get(recipient=cast.mentee)

    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert message.state == "skipped"


def test_whoever_stopped_such_mail_is_counted_and_left_out(cast):
    stop_kind(user=cast.mentee, kind=KIND, now=NOW)
    row = draft(cast)

    assert (preview(row).count, preview(row).stopped_count) == (2, 1)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"subject": " "}, "Write something first."),
        ({"text": "Hello {name}"}, r"\{name\} is none of the words"),
        ({"subject": "x" * 121}, "under 120"),
    ],
)
def test_draft_refuses_what_cannot_be_sent(cast, fields, sentence):
    with pytest.raises(DomainError, match=sentence):
        draft(cast, **fields)


def test_scheduled_message_goes_out_when_its_moment_comes_or_is_called_off(cast):
    given = {"actor": cast.program_manager, "now": NOW}
    first, second = draft(cast), draft(cast)
    for row in (first, second):
        schedule_announcement(announcement=row, due_at=NOW + timedelta(days=1), **given)
    cancel_announcement(announcement=second, **given)

    assert send_due_announcements(now=NOW + timedelta(hours=23)) == 0
    assert send_due_announcements(now=NOW + timedelta(hours=25)) == 1
    assert send_due_announcements(now=NOW + timedelta(hours=26)) == 0
    with pytest.raises(DomainError, match="from now on"):
        schedule_announcement(announcement=draft(cast), due_at=NOW, **given)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda cast: Cohort.objects.update(status="completed"), "The cohort was over"),
        (lambda cast: RoleGrant.objects.all().delete(), "does not manage this program any more"),
    ],
)
def test_scheduled_message_that_may_not_go_any_more_is_a_draft_and_says_why(cast, change, sentence):
    given = {"actor": cast.program_manager, "now": NOW}
    row = schedule_announcement(announcement=draft(cast), due_at=NOW + timedelta(days=1), **given)
    change(cast)

    assert send_due_announcements(now=NOW + timedelta(days=2)) == 0

    assert not Message.objects.exists()
    RoleGrant.objects.all().delete()
    grant(cast.other_program_manager, "manager", cast.program)
    page = cast.client("other_program_manager").get(f"/support/messages/{row.pk}/")
    assert "Draft" in page.content.decode()
    assert sentence in page.content.decode()


def test_nobody_is_written_to_after_the_end(cast):
    sent = send_announcement(announcement=draft(cast), actor=cast.program_manager, now=NOW)
    waiting = draft(cast)
    Cohort.objects.update(status="completed")
    message = Message.objects.get(recipient=cast.mentee)

    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert (message.state, message.reason) == ("skipped", "The cohort is over.")
    assert [reason for reason, _count in reasons_skipped(sent)] == ["The cohort is over."]
    with translation.override("de"):
        assert [reason for reason, _count in reasons_skipped(sent)] != ["The cohort is over."]
    with pytest.raises(DomainError, match="The cohort is over"):
        send_announcement(announcement=waiting, actor=cast.program_manager, now=NOW)


def test_pages_lead_from_a_group_to_a_sent_message(cast, lone):
    client = cast.client("program_manager")
    base = f"/support/cohorts/{cast.cohort.pk}/messages/"
    assert "Mentees without a match" in client.get(base).content.decode()
    form = client.get(f"{base}new/?segment=unmatched").content.decode()
    assert "we are still looking for the mentor" in form

    data = {"segment": "unmatched", "subject": "Soon", "text": "Dear {first_name}, soon."}
    page = client.post(f"{base}new/", data, follow=True)
    assert "Dear Lea, soon." in page.content.decode()
    row = Announcement.objects.get()
    client.post(f"/support/messages/{row.pk}/try/")
    assert Message.objects.get().recipient == cast.program_manager
    done = client.post(f"/support/messages/{row.pk}/send/", follow=True).content.decode()

    assert "Meant for 1 person" in done
    assert "1 waiting" in done


def test_page_of_a_form_with_an_error_keeps_what_was_typed(cast):
    client = cast.client("program_manager")
    data = {"segment": "all", "subject": "Soon", "text": "Dear {nobody}"}

    page = client.post(f"/support/cohorts/{cast.cohort.pk}/messages/new/", data)

    assert page.status_code == 422
    assert "Dear {nobody}" in page.content.decode()


def test_history_takes_as_many_queries_for_many_as_for_one(cast, django_assert_max_num_queries):
    client = cast.client("program_manager")
    address = f"/support/cohorts/{cast.cohort.pk}/messages/"
    for _number in range(4):
        send_announcement(announcement=draft(cast), actor=cast.program_manager, now=NOW)
    client.get(address)

    with django_assert_max_num_queries(15):
        client.get(address)


@pytest.mark.parametrize("kind", ["leaving", "cover"])
def test_message_about_somebody_who_leaves_goes_to_all_their_partners_alone(cast, kind):
    seat = cast.mentor_enrolment
    Enrolment.objects.filter(pk=seat.pk).update(capacity=4)
    second = make_person("second@example.org", "Sara Second")
    make_match(seat, enrol(cast.cohort, second, "mentee"))
    make_match(seat, enrol(cast.cohort, cast.program_manager, "mentee"))
    item = WorkItem.objects.create(
        cohort=cast.cohort, kind=kind, enrolment=seat, opened_at=NOW, reasons=[]
    )

    row = draft(cast, "people", item=item, subject="While {partner} is away")

    assert emails(preview(row).people) == ["priya@example.org", "second@example.org"]
    assert values_for(row, second)["partner"] == "Daniel"
    sent = send_announcement(announcement=row, actor=cast.program_manager, now=NOW)
    assert sent.audience_count == 2
