"""Somebody pauses: who is matched with them hears until when, once, and never why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matching.models import Match
from matching.services.absences import tell_of_absences
from matching.services.closing import pause_match, resume_match
from notifications import registry
from notifications.letters import write_letter
from notifications.models import Message
from participants.models import Enrolment
from participants.services.staying import end_pause, plan_pause
from tests.conftest import NOW, enrol, make_match, make_person

pytestmark = pytest.mark.django_db
UNTIL = date(2027, 1, 15)


def pause(cast, **fields):
    days = {"pause_from": NOW.date(), "pause_until": UNTIL} | fields
    return plan_pause(enrolment=cast.mentor_enrolment, actor=None, now=NOW, **days)


def letter(message, now=NOW):
    kind = registry.get(message.kind)
    why_not = kind.is_still_due(message, now)
    return why_not or write_letter(message, kind, now=now, message_id="<a@b>")


def test_partner_hears_once_until_when_and_not_why(cast):
    pause(cast)

    assert tell_of_absences(now=NOW) == 1
    assert tell_of_absences(now=NOW + timedelta(days=1)) == 0

    told = Message.objects.get(kind="matching.away")
    assert (told.recipient, told.match_id) == (cast.mentee, cast.match.pk)
    mail = " ".join(letter(told).text.split())
    assert "Daniel is away until 15 January 2027" in mail
    assert "your match rests that long" in mail


def test_pause_that_is_only_planned_or_long_begun_tells_nobody(cast):
    pause(cast, pause_from=NOW.date() + timedelta(days=2))
    assert tell_of_absences(now=NOW) == 0

    Enrolment.objects.filter(pk=cast.mentor_enrolment.pk).update(
        status="paused", pause_from=NOW.date() - timedelta(days=9)
    )
    assert tell_of_absences(now=NOW) == 0


def test_who_is_back_before_the_mail_left_is_not_told_of(cast):
    place = pause(cast)
    tell_of_absences(now=NOW)
    end_pause(enrolment=place, actor=None, now=NOW)

    assert letter(Message.objects.get(kind="matching.away")) == "They are back already."


def test_match_that_ended_or_rests_by_itself_tells_nobody(cast):
    pause(cast)
    Match.objects.filter(pk=cast.match.pk).update(status="paused")
    assert tell_of_absences(now=NOW) == 0


def test_partner_who_pauses_as_well_is_left_in_peace(cast):
    pause(cast)
    Enrolment.objects.filter(pk=cast.mentee_enrolment.pk).update(status="paused")
    assert tell_of_absences(now=NOW) == 0


def test_mentor_of_several_is_told_of_each_and_others_of_nobody(cast):
    other = enrol(cast.cohort, make_person("second@example.org", "Second Mentee"), "mentee")
    make_match(cast.mentor_enrolment, other)
    plan_pause(enrolment=other, actor=None, now=NOW, pause_from=NOW.date(), pause_until=None)

    assert tell_of_absences(now=NOW) == 1

    mail = letter(Message.objects.get(kind="matching.away")).text
    assert "Second is away for now" in mail
    assert "Priya" not in mail


@pytest.mark.parametrize(
    ("who", "told"), [("mentee", ["Daniel"]), ("program_manager", ["Daniel", "Priya"])]
)
def test_everybody_else_of_a_match_hears_that_it_rests_and_goes_on(cast, who, told):
    actor = getattr(cast, who)
    pause_match(match=cast.match, actor=actor, now=NOW)

    rows = Message.objects.filter(kind="matching.rests")
    assert sorted(row.recipient.first_name for row in rows) == told
    text = letter(rows.get(recipient=cast.mentor)).text
    assert "Your match with Priya rests for now." in text

    resume_match(match=cast.match, actor=actor, now=NOW + timedelta(days=1))
    last = rows.filter(recipient=cast.mentor).latest("pk")
    assert "rested, and goes on from today." in letter(last).text
    first = rows.filter(recipient=cast.mentor).earliest("pk")
    assert letter(first) == "Done already, or changed meanwhile."


def test_what_a_job_pauses_is_told_by_the_job(cast):
    pause_match(match=cast.match, actor=None, now=NOW)
    assert not Message.objects.filter(kind="matching.rests").exists()
