"""Matches of flash programs end by themselves."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from accounts.models import Role
from matching.models import Match
from matching.services.closing import pause_match
from notifications import registry
from notifications.letters import write_letter
from notifications.models import Message
from programs.models import Program, ProgramFormat
from sessions.models import Meeting
from sessions.services import Plan, book_meeting
from support.services.flash import close_flash_matches
from support.tasks import judge_matches
from tests.conftest import NOW, enrol, grant, make_cohort, make_match

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def met(cast) -> Match:
    """Return a match of a flash program whose people met a week ago."""
    program = Program.objects.create(name="Ask once", format=ProgramFormat.FLASH)
    grant(cast.program_manager, Role.MANAGER, program)
    cohort = make_cohort(program, name="Ask now")
    seats = enrol(cohort, cast.mentor, "mentor"), enrol(cohort, cast.mentee, "mentee")
    match = make_match(*seats)
    Meeting.objects.create(match=match, held_on=TODAY - timedelta(days=7))
    return match


def ended(match: Match) -> str:
    match.refresh_from_db()
    return match.end_reason if match.status == "ended" else ""


def test_flash_match_ends_a_week_after_its_last_meeting_and_once(cast, met):
    assert close_flash_matches(now=NOW - timedelta(days=1)) == 0

    assert close_flash_matches(now=NOW) == 1
    assert close_flash_matches(now=NOW) == 0

    assert ended(met) == "completed"
    told = Message.objects.filter(kind="matching.ended")
    assert {row.recipient for row in told} == {cast.mentor, cast.mentee}
    letter = write_letter(told[0], registry.get("matching.ended"), now=NOW, message_id="<a@b>")
    mail = message_from_bytes(letter.content, policy=default)
    assert mail["Subject"].endswith("is complete")
    assert "is complete. Thank you" in mail.get_body(("plain",)).get_content()


def test_match_that_has_not_met_or_meets_again_goes_on(cast, met):
    book_meeting(
        match=met,
        actor=cast.mentee,
        now=NOW,
        starts_at=NOW + timedelta(days=3),
        plan=Plan(minutes=30),
    )
    assert close_flash_matches(now=NOW) == 0

    Meeting.objects.all().delete()
    assert close_flash_matches(now=NOW + timedelta(days=60)) == 0
    assert ended(met) == ""


def test_other_formats_and_paused_matches_are_left_alone(cast, met):
    pause_match(match=met, actor=cast.program_manager, now=NOW)
    assert close_flash_matches(now=NOW) == 0

    Meeting.objects.create(match=cast.match, held_on=TODAY - timedelta(days=7))
    assert close_flash_matches(now=NOW) == 0
    assert ended(cast.match) == ended(met) == ""


def test_sweep_ends_them(cast, met, at_now):
    judge_matches()
    assert ended(met) == "completed"
