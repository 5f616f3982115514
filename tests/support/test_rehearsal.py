"""A look ahead is what is then really sent, and leaves no trace."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import User
from core.clock import zone
from core.errors import DomainError
from feedback.models import CheckIn
from feedback.services import say_misfit
from notifications import registry
from notifications.models import Message
from notifications.registry import Planner
from notifications.services import queue_message, send_due_messages
from notifications.services.playing import Clock, Player, fingerprint
from programs.models import Cohort, Cover
from sessions.models import ActionItem, Meeting, MeetingAttendee
from support.models import Rehearsal, RehearsedMail
from support.services import ask_rehearsal, perform_rehearsal, sweep_rehearsals
from support.services.shadowing import rehearse
from tests.conftest import NOW, enrol, grant, make_match, make_person

pytestmark = pytest.mark.django_db
AHEAD = timedelta(days=16)


def act(cast) -> None:
    """Something of every planner in the weeks to come: a meeting, an action, held meetings."""
    other = make_person("noor@example.org", "Noor Haddad", language="de")
    make_match(cast.mentor_enrolment, enrol(cast.cohort, other, "mentee"))
    Meeting.objects.create(
        match=cast.match,
        status="held",
        held_on=date(2026, 11, 16),
        minutes=45,
        logged_at=NOW,
        logged_by=cast.mentor,
    )
    starts = datetime(2026, 12, 3, 15, tzinfo=UTC)
    booked = Meeting.objects.create(
        match=cast.match,
        status="scheduled",
        starts_at=starts,
        minutes=45,
        booked_at=NOW,
        booked_by=cast.mentor,
    )
    for person in (cast.mentor, cast.mentee):
        MeetingAttendee.objects.create(
            meeting=booked, user=person, during=(starts, starts + timedelta(minutes=45))
        )
    ActionItem.objects.create(
        match=cast.match,
        owner=cast.mentee,
        due_on=date(2026, 11, 26),
        created_at=NOW,
        created_by=cast.mentee,
    )


def live(folder: Path, *, until: datetime) -> set[tuple[str, str, date, str]]:
    """Let the weeks pass for real, planners every four hours, and read the mails."""
    sent, at = set(), NOW
    while at < until:
        for planner in registry.every_planner():
            planner.run(now=at)
        before = set(Message.objects.filter(state="sent").values_list("pk", flat=True))
        send_due_messages(seconds=60, clock=Clock(at))
        for row in Message.objects.filter(state="sent").exclude(pk__in=before):
            day = row.sent_at.astimezone(zone(row.recipient.time_zone)).date()
            mail = read(folder, row.mail_id or row.message_id)
            sent.add((row.recipient.email, row.kind, day, mail))
        at += timedelta(hours=4)
    return sent


def read(folder: Path, message_id: str) -> str:
    for path in folder.glob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        if mail["Message-ID"] == message_id:
            text = mail.get_body(("plain",)).get_content()
            return fingerprint(str(mail["Subject"]), text)
    raise AssertionError(message_id)


def looked_ahead(cast) -> set[tuple[str, str, date, str]]:
    played, reached = rehearse(cast.cohort, now=NOW, until=NOW + AHEAD, seconds=None)
    assert reached >= NOW + AHEAD
    emails = dict(User.objects.values_list("pk", "email"))
    return {
        (
            emails[row.recipient_id],
            row.kind,
            row.at.astimezone(zone(row.time_zone)).date(),
            row.fingerprint,
        )
        for row in played
    }


def test_look_ahead_is_what_is_then_sent(cast, tmp_path, settings):
    act(cast)
    expected = looked_ahead(cast)
    sent = live(Path(settings.MAIL["folder"]), until=NOW + AHEAD)

    assert {kind for _who, kind, _day, _text in sent} >= {
        "feedback.check_in",
        "feedback.fit",
        "feedback.pulse",
        "meetings.reminder",
    }
    assert len(sent) >= 10
    of_the_person = {row for row in sent if row[1] == "home.actions_due"}  # not the manager's
    assert of_the_person
    assert expected == sent - of_the_person


def test_look_ahead_over_a_cover_is_what_is_then_sent(cast, tmp_path, settings):
    """Somebody who is a mentor as well stands in twice: now, and for days in the middle."""
    act(cast)
    sue = make_person("sue@example.org", "Sue Second")
    grant(sue, "manager", None)
    mentee = make_person("ben@example.org", "Ben Adler")
    make_match(enrol(cast.cohort, sue, "mentor"), enrol(cast.cohort, mentee, "mentee"))
    for first, last in ((0, 1), (4, 9)):
        Cover.objects.create(
            program=cast.program,
            away=cast.program_manager,
            covered_by=sue,
            starts_on=NOW.date() + timedelta(days=first),
            ends_on=NOW.date() + timedelta(days=last),
        )
    say_misfit(match=cast.match, actor=cast.mentee, words="", now=NOW)
    expected = looked_ahead(cast)
    sent = live(Path(settings.MAIL["folder"]), until=NOW + AHEAD)

    told = {row for row in sent if row[1] == "feedback.misfit"}
    assert {row[0] for row in told} == {cast.program_manager.email, sue.email}
    taking_part = {row for row in sent if row[0] != cast.program_manager.email}
    of_the_person = {row for row in sent if row[1] == "home.actions_due"}
    of_sue = {kind for who, kind, _day, _text in expected if who == sue.email}
    assert of_sue >= {"feedback.misfit", "feedback.check_in"}
    assert expected == taking_part - of_the_person


def test_look_ahead_leaves_no_trace(cast):
    before = (Message.objects.count(), CheckIn.objects.count())

    played, _reached = rehearse(cast.cohort, now=NOW, until=NOW + timedelta(days=1))

    assert played
    assert (Message.objects.count(), CheckIn.objects.count()) == before
    assert Cohort.objects.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")
        assert cursor.fetchone() == (0,)


def test_other_settings_change_what_is_sent_and_not_the_cohort(cast):
    none, _reached = rehearse(
        cast.cohort, now=NOW, until=NOW + AHEAD, changes={"has_check_ins": False}
    )
    weekly, _reached = rehearse(cast.cohort, now=NOW, until=NOW + AHEAD, changes={"rhythm_days": 7})

    assert [row for row in none if row.kind == "feedback.check_in"] == []
    asked = [row for row in weekly if row.kind == "feedback.check_in"]
    assert len(asked) == 2 * 3  # both, after each of three weeks
    cast.cohort.refresh_from_db()
    assert (cast.cohort.has_check_ins, cast.cohort.rhythm_days) == (True, 14)


def test_job_keeps_what_would_go_and_no_signed_link(cast):
    row = ask(cast, weeks=1, changes={})

    perform_rehearsal(row.pk, clock=lambda: NOW)
    perform_rehearsal(row.pk, clock=lambda: NOW)

    row.refresh_from_db()
    assert row.status == "done"
    mails = RehearsedMail.objects.filter(rehearsal=row)
    assert {mail.kind for mail in mails} == {"feedback.check_in", "feedback.pulse"}
    assert mails[0].subject == "2 messages for you: Check-ins, How you are doing"
    assert "/check-ins/…" in mails[0].text
    assert "/check-ins/a/" not in mails[0].text
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM support_rehearsedmail LIMIT 1")
        assert "Priya" not in cursor.fetchone()[0]


def test_look_ahead_stops_inside_a_tick_when_its_time_is_over(cast):
    played, reached = rehearse(cast.cohort, now=NOW, until=NOW + AHEAD, seconds=0)

    assert (played, reached) == ([], NOW)
    clock = Clock(NOW)
    player = Player(clock, is_durable=False)
    for number in range(3):
        queue_message(kind="matching.ended", recipient=cast.mentee, occasion=str(number), now=NOW)
    assert not player.send_until(NOW + timedelta(hours=6), stop=time.monotonic() - 1)
    assert player.send_until(NOW + timedelta(hours=6), stop=time.monotonic() + 60)


@pytest.mark.django_db(transaction=True)
def test_job_that_another_worker_took_meanwhile_is_left_to_it(cast, monkeypatch):
    row = ask(cast, weeks=1)

    def take() -> None:
        Rehearsal.objects.filter(pk=row.pk).update(attempt=2)
        connection.close()

    def rival(*, now: datetime) -> None:
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()

    monkeypatch.setitem(registry._PLANNERS, "test.rival", Planner("test.rival", rival))

    perform_rehearsal(row.pk, clock=lambda: NOW)

    row.refresh_from_db()
    assert (row.status, row.attempt) == ("running", 2)
    assert not RehearsedMail.objects.exists()


def ask(cast, **values) -> Rehearsal:
    usual = {"weeks": 2, "changes": {}, "actor": cast.program_manager, "now": NOW}
    return ask_rehearsal(cohort=cast.cohort, **{**usual, **values})


def test_second_look_at_a_time_is_refused_and_old_ones_are_forgotten(cast):
    ask(cast)
    with pytest.raises(DomainError):
        ask(cast)

    sweep_rehearsals(now=NOW + timedelta(days=15))

    assert not Rehearsal.objects.exists()


def test_manager_asks_compares_and_reads_a_day(cast, django_assert_max_num_queries):
    client, url = (
        cast.client("program_manager"),
        reverse("support:rehearsals", args=[cast.cohort.pk]),
    )
    assert client.get(url).status_code == 200
    assert client.post(url, {"weeks": "4", "rhythm_days": "1"}).status_code == 422
    typed = {"weeks": "1", "rhythm_days": "21", "has_check_ins": "on", "has_fit_questions": "on"}
    answer = client.post(url, typed)
    row = Rehearsal.objects.order_by("pk").last()
    assert answer["Location"] == reverse("support:rehearsal", args=[row.pk])
    assert "Looking ahead" in client.get(answer["Location"]).content.decode()
    for one in Rehearsal.objects.all():
        perform_rehearsal(one.pk, clock=lambda: NOW)

    with django_assert_max_num_queries(15):
        page = client.get(answer["Location"]).content.decode()
    assert "A meeting every 21 days instead of 14" in page
    assert "not any more" in page
    day = RehearsedMail.objects.filter(rehearsal=row).first().day
    with django_assert_max_num_queries(15):
        page = client.get(f"{answer['Location']}?day={day.isoformat()}").content.decode()
    assert "Have you and Daniel met?" in page
    assert client.get(f"{answer['Location']}?day=no").status_code == 404
