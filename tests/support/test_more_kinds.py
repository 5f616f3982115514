"""The kinds of the queue that are not a match's health, what is prepared, and the digest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feedback.models import CheckIn, FitQuestion
from matching.models import Match, MatchMember
from notifications import mailbox
from notifications.models import Message
from notifications.services import send_message
from participants.models import Enrolment, LineContact
from support.digest import digest_of, plan_digests
from support.models import Announcement, WorkItem, WorkKind
from support.services import close, judge_all, raise_items
from tests.conftest import NOW, enrol, make_match, make_person

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def kinds(now=NOW) -> list[str]:
    judge_all(now=now)
    raise_items(now=now)
    open_ones = WorkItem.objects.filter(closed_at__isnull=True)
    return sorted(open_ones.values_list("kind", flat=True))


@pytest.fixture
def young(cast) -> Match:
    """Return the match, begun a week ago, so that its silence says nothing yet."""
    Match.objects.update(started_on=NOW.date() - timedelta(days=7))
    return cast.match


def test_change_of_manager_that_makes_a_match_illegal_is_raised_and_settles(cast, young):
    cast.mentee.manager = cast.mentor
    cast.mentee.save()
    assert kinds() == ["line"]

    cast.mentee.manager = None
    cast.mentee.save()
    assert kinds() == []


def test_three_check_ins_without_an_answer_are_raised(cast, young):
    rows = [
        CheckIn.objects.create(
            match=young,
            user=cast.mentor,
            due_on=NOW.date() - timedelta(days=14 * back),
            created_at=NOW,
        )
        for back in (1, 2, 3)
    ]
    assert kinds() == ["overdue"]

    rows[0].status, rows[0].answer, rows[0].answered_at = "answered", "not_yet", NOW
    rows[0].save()
    assert kinds() == []


def test_mentor_of_four_is_raised_as_too_much(cast, young):
    Enrolment.objects.filter(pk=cast.mentor_enrolment.pk).update(capacity=4)
    for number in range(3):
        person = make_person(f"m{number}@example.org", f"Mentee {number}")
        make_match(
            cast.mentor_enrolment,
            enrol(cast.cohort, person, "mentee"),
            started_on=NOW.date() - timedelta(days=7),
        )
    assert kinds() == ["overload"]

    MatchMember.objects.filter(match=young).update(left_at=NOW)
    assert "overload" not in kinds()


def test_match_without_goals_is_raised_although_it_is_only_watched(cast):
    Match.objects.update(started_on=NOW.date() - timedelta(days=61))
    cast.match.meetings.create(held_on=NOW.date() - timedelta(days=1))

    assert kinds() == ["no_goals"]


def test_item_has_a_message_prepared_that_nobody_gets_before_it_is_sent(cast):
    cast.match.meetings.create(held_on=NOW.date() - timedelta(days=30))
    assert kinds() == ["stalled"]
    client = cast.client("program_manager")
    item = WorkItem.objects.get()

    page = client.post(f"/support/queue/{item.pk}/write/", follow=True).content.decode()
    row = Announcement.objects.get()
    assert "You and Priya have not met for a while." in page
    assert not Message.objects.filter(kind="support.announcement").exists()
    client.post(f"/support/messages/{row.pk}/send/")

    assert Message.objects.filter(kind="support.announcement").count() == 2
    assert "Sent," in client.get(f"/support/queue/{item.pk}/").content.decode()


def test_item_has_a_call_as_an_entry_for_the_calendar(cast):
    cast.match.meetings.create(held_on=NOW.date() - timedelta(days=30))
    kinds()
    item = WorkItem.objects.get()

    answer = cast.client("program_manager").get(f"/support/queue/{item.pk}/call.ics")

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "SUMMARY:Call Priya Raman and Daniel Osei" in answer.content.decode()


def test_digest_goes_out_once_a_week_on_monday_with_counts_and_no_names(cast):
    cast.match.meetings.create(held_on=NOW.date() - timedelta(days=30))
    enrol(cast.cohort, make_person("a@example.org", "Ana Asks"), "mentee", status="applied")
    kinds(MONDAY)
    assert plan_digests(now=MONDAY - timedelta(days=1)) == 0
    assert plan_digests(now=MONDAY) == 2
    assert plan_digests(now=MONDAY + timedelta(hours=2)) == 0

    message = Message.objects.get(recipient=cast.program_manager)
    send_message(pk=message.pk, clock=lambda: MONDAY)

    mail = mailbox.read_mails()[0]
    assert mail.subject == "1 thing needs you this week"
    assert "- Stalled: 1" in mail.text
    assert "1 sign-up waits for your yes or no." in mail.text
    assert "Priya" not in mail.text


def test_digest_with_nothing_to_say_is_skipped(cast):
    plan_digests(now=MONDAY)
    message = Message.objects.get(recipient=cast.other_program_manager)

    send_message(pk=message.pk, clock=lambda: MONDAY)

    message.refresh_from_db()
    assert message.state == "skipped"


def test_digests_of_several_weeks_do_not_arrive_together_after_a_long_stop(cast):
    cast.match.meetings.create(held_on=NOW.date() - timedelta(days=30))
    kinds(MONDAY)
    weeks = [MONDAY + timedelta(weeks=week) for week in range(3)]
    for at in weeks:
        plan_digests(now=at)

    mine = Message.objects.filter(recipient=cast.program_manager).order_by("pk")
    for row in mine:
        send_message(pk=row.pk, clock=lambda: weeks[-1])

    outcomes = list(mine.values_list("state", "reason"))
    assert outcomes == [("skipped", "That week is over.")] * 2 + [("sent", "")]


def test_whoever_completed_a_later_match_is_not_offered_another(cast, young):
    closed = {"status": "ended", "end_reason": "no_fit", "ended_on": NOW.date()}
    Match.objects.filter(pk=young.pk).update(**closed)
    MatchMember.objects.filter(match=young).update(left_at=NOW)
    assert kinds() == ["rematch"]
    other = enrol(cast.cohort, make_person("noor@example.org", "Noor Haddad"), "mentor")
    later = make_match(other, cast.mentee_enrolment, started_on=NOW.date())
    done = {"end_reason": "completed", "ended_on": NOW.date() + timedelta(days=5)}
    Match.objects.filter(pk=later.pk).update(**{**closed, **done})
    MatchMember.objects.filter(match=later).update(left_at=NOW)

    assert kinds(NOW + timedelta(days=6)) == []


def test_digest_tells_what_helped(cast):
    cast.match.meetings.create(held_on=NOW.date() - timedelta(days=30))
    kinds()
    close(item=WorkItem.objects.get(), outcome="talked", actor=cast.program_manager, now=NOW)
    cast.match.meetings.create(held_on=NOW.date() + timedelta(days=12))
    kinds(NOW + timedelta(days=15))

    digest = digest_of(cast.program_manager, now=NOW + timedelta(days=19))

    assert digest.better_count == 1


def test_line_manager_without_an_answer_is_raised_after_ten_working_days(cast, young):
    cast.other_cohort.mentee_line_manager = "asked"
    cast.other_cohort.status = "enrolling"
    cast.other_cohort.save()
    lena = make_person("lena@example.org", "Lena Hoffmann")
    waits = enrol(cast.other_cohort, lena, "mentee", status="applied")
    contact = LineContact.objects.create(
        enrolment=waits,
        manager=cast.stranger,
        state="asked",
        opened_at=NOW,
        expires_at=NOW + timedelta(days=60),
    )
    assert "asked_line" not in kinds(NOW + timedelta(days=13))
    assert "asked_line" in kinds(NOW + timedelta(days=14))

    contact.state, contact.answered_at = "agreed", NOW
    contact.save()
    assert "asked_line" not in kinds(NOW + timedelta(days=14))


def recipients(client, item: WorkItem) -> list[str]:
    """Write the prepared message, send it, and return who gets it."""
    client.post(f"/support/queue/{item.pk}/write/")
    row = Announcement.objects.latest("pk")
    client.post(f"/support/messages/{row.pk}/send/")
    found = Message.objects.filter(kind="support.announcement", object_id=row.pk)
    return sorted(found.values_list("recipient__first_name", flat=True))


def test_message_about_what_somebody_said_in_confidence_goes_to_them_alone(cast):
    client = cast.client("program_manager")
    for who, kind, say in (
        (cast.mentee, WorkKind.HELP, calls_for_help),
        (cast.mentor, WorkKind.MISFIT, says_not_good),
    ):
        say(cast.match, who)
        item = WorkItem.objects.create(
            cohort=cast.cohort, kind=kind, match=cast.match, opened_at=NOW
        )

        page = client.get(f"/support/queue/{item.pk}/").content.decode()
        assert f"It goes to {who} alone." in page
        assert recipients(client, item) == [who.first_name]


def test_message_goes_to_both_where_both_said_it_and_to_nobody_where_none_does(cast):
    client = cast.client("program_manager")
    item = WorkItem.objects.create(
        cohort=cast.cohort, kind=WorkKind.MISFIT, match=cast.match, opened_at=NOW
    )
    answer = client.post(f"/support/queue/{item.pk}/write/", follow=True).content.decode()
    assert "Nobody of this match says so any more." in answer
    assert not Announcement.objects.exists()

    for who in (cast.mentor, cast.mentee):
        says_not_good(cast.match, who)
    assert recipients(client, item) == ["Daniel", "Priya"]


def calls_for_help(match, who) -> None:
    CheckIn.objects.create(
        match=match,
        user=who,
        due_on=NOW.date(),
        status="answered",
        answer="help",
        answered_at=NOW,
        created_at=NOW,
    )


def says_not_good(match, who) -> None:
    FitQuestion.objects.create(
        match=match,
        user=who,
        after_meeting=1,
        asked_on=NOW.date(),
        status="answered",
        answer="not_good",
        answered_at=NOW,
        created_at=NOW,
    )
