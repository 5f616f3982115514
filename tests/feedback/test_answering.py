from __future__ import annotations

from datetime import timedelta

import pytest

from audit.models import AuditEvent
from feedback.models import CheckIn
from feedback.services import CheckInClosed, answer_check_in
from notifications.models import Message
from notifications.services import send_message
from tests.conftest import NOW, enrol, grant, make_match, make_person

pytestmark = pytest.mark.django_db


def test_answer_is_stored_and_in_the_audit_without_its_words(cast, check_in):
    answer_check_in(check_in=check_in, answer="met", now=NOW)

    check_in.refresh_from_db()
    assert (check_in.status, check_in.answer, check_in.answered_at) == ("answered", "met", NOW)
    event = AuditEvent.objects.get(action="check_in.answered")
    assert (event.actor, event.program_id, event.detail) == (cast.mentee, cast.program.pk, {})


def test_answer_given_again_replaces_the_first(check_in):
    answer_check_in(check_in=check_in, answer="not_yet", now=NOW)
    later = NOW + timedelta(hours=3)
    answer_check_in(check_in=check_in, answer="met", now=later)
    answer_check_in(check_in=check_in, answer="met", now=later + timedelta(hours=1))

    check_in.refresh_from_db()
    assert (check_in.answer, check_in.answered_at) == ("met", later)
    assert AuditEvent.objects.filter(action="check_in.answered").count() == 2


def test_answer_for_help_tells_the_program_managers_once(cast, check_in):
    for answer in ("help", "not_yet", "help"):
        answer_check_in(check_in=check_in, answer=answer, now=NOW)

    message = Message.objects.get(kind="feedback.help_asked")
    assert (message.recipient, message.object_id) == (cast.program_manager, check_in.pk)


def test_answer_for_help_does_not_reach_a_manager_in_the_match(cast, check_in):
    grant(cast.mentor, "manager", cast.program)

    answer_check_in(check_in=check_in, answer="help", now=NOW)

    recipients = Message.objects.filter(kind="feedback.help_asked").values_list(
        "recipient", flat=True
    )
    assert list(recipients) == [cast.program_manager.pk]


def test_answer_for_help_in_a_program_without_managers_reaches_who_manages_all(cast, check_in):
    cast.program_manager.grants.all().delete()
    chief = make_person("chief@example.org", "Chief Manager")
    grant(chief, "owner", None)

    answer_check_in(check_in=check_in, answer="help", now=NOW)

    assert Message.objects.get(kind="feedback.help_asked").recipient == chief


def test_help_taken_back_before_it_is_sent_is_skipped(check_in):
    answer_check_in(check_in=check_in, answer="help", now=NOW)
    answer_check_in(check_in=check_in, answer="met", now=NOW)
    message = Message.objects.get(kind="feedback.help_asked")

    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert (message.state, message.reason) == (
        "skipped",
        "The person changed the answer meanwhile.",
    )


def test_help_of_somebody_is_not_told_to_who_manages_no_more(cast, check_in):
    answer_check_in(check_in=check_in, answer="help", now=NOW)
    cast.program_manager.grants.all().delete()
    message = Message.objects.get(kind="feedback.help_asked")

    send_message(pk=message.pk, clock=lambda: NOW)

    message.refresh_from_db()
    assert (message.state, message.reason) == (
        "skipped",
        "They do not manage this program any more.",
    )
    assert not hasattr(message, "notice")


def test_answer_after_30_days_is_refused(check_in):
    with pytest.raises(CheckInClosed):
        answer_check_in(check_in=check_in, answer="met", now=NOW + timedelta(days=21))

    answer_check_in(check_in=check_in, answer="met", now=NOW + timedelta(days=20))


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_answer_about_a_match_that_rests_is_refused(cast, check_in, status):
    cast.match.status = status
    cast.match.ended_on = NOW.date() if status == "ended" else None
    cast.match.save()

    with pytest.raises(CheckInClosed):
        answer_check_in(check_in=check_in, answer="met", now=NOW)


def test_answer_of_one_member_leaves_the_others_open(cast, check_in):
    answer_check_in(check_in=check_in, answer="met", now=NOW)

    assert CheckIn.objects.get(user=cast.mentor).status == "open"


def test_answer_of_one_match_leaves_the_mentors_other_open(cast, at_now):
    from feedback.services import plan_check_ins

    noor = make_person("noor@example.org", "Noor Haddad")
    make_match(cast.mentor_enrolment, enrol(cast.cohort, noor, "mentee"))
    plan_check_ins(now=NOW)
    first, second = CheckIn.objects.filter(user=cast.mentor).order_by("match")

    answer_check_in(check_in=first, answer="met", now=NOW)

    second.refresh_from_db()
    assert second.status == "open"
