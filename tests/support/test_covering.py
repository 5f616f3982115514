"""While a manager is away, what is theirs goes to whoever stands in, and comes back by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone as clock

from accounts.models import User
from feedback.models import CheckIn, CheckInAnswer
from feedback.services import answer_check_in, say_misfit
from notifications import registry
from notifications.models import Message
from programs.models import Cover
from support.covering import is_stood_in_for, stands_in_for
from support.digest import KIND, digest_of, plan_digests
from support.models import WorkItem
from tests.conftest import NOW, grant, make_person

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def second(cast):
    second = cast.second = make_person("sue@example.org", "Sue Second")
    grant(second, "owner", cast.program)
    WorkItem.objects.create(
        cohort=cast.cohort,
        kind="stalled",
        match=cast.match,
        owner=cast.program_manager,
        opened_at=NOW,
    )
    return second


def cover(cast, second, first: date, last: date) -> Cover:
    return Cover.objects.create(
        program=cast.program,
        away=cast.program_manager,
        covered_by=second,
        starts_on=first,
        ends_on=last,
    )


def skipped(person, now: datetime) -> str:
    plan_digests(now=now)
    message = Message.objects.filter(kind=KIND, recipient=person).latest("pk")
    return registry.get(KIND).is_still_due(message, now)


def test_queue_of_the_stand_in_holds_what_is_the_others(
    cast, second, django_assert_max_num_queries
):
    today = clock.now().date()
    client = cast.client("second")
    assert b"Nothing here" in client.get("/support/queue/?view=mine").content
    cover(cast, second, today - timedelta(days=2), today + timedelta(days=2))

    with django_assert_max_num_queries(10):
        page = client.get("/support/queue/?view=mine").content.decode()

    assert "You stand in for Marta Kowalczyk in Rising Leaders until" in page
    assert "Stalled" in page
    Cover.objects.update(ends_on=today - timedelta(days=2))
    assert b"Nothing here" in client.get("/support/queue/?view=mine").content


def test_digest_of_who_is_away_rests_and_the_stand_ins_counts_theirs(cast, second):
    assert digest_of(second, now=MONDAY).own_count == 0
    assert skipped(cast.program_manager, MONDAY) == ""
    cover(cast, second, MONDAY.date(), MONDAY.date())

    assert digest_of(second, now=MONDAY).own_count == 1
    assert skipped(second, MONDAY) == ""
    said = "The person is away; somebody stands in, and gets theirs."
    assert skipped(cast.program_manager, MONDAY) == said
    assert skipped(cast.program_manager, MONDAY + timedelta(days=7)) == ""


def test_cover_holds_on_the_days_where_the_person_lives(cast, second):
    User.objects.filter(pk=cast.program_manager.pk).update(time_zone="Pacific/Auckland")
    cover(cast, second, date(2026, 11, 24), date(2026, 11, 24))
    noon = MONDAY.replace(hour=12)  # one o'clock at night of the 24th in Auckland

    assert stands_in_for(second, now=noon - timedelta(hours=2)) == []
    assert len(stands_in_for(second, now=noon)) == 1


def test_digest_goes_where_a_stand_in_runs_nothing_or_not_all_any_more(cast, second):
    cover(cast, second, MONDAY.date(), MONDAY.date())
    away = User.objects.get(pk=cast.program_manager.pk)
    assert is_stood_in_for(away, now=MONDAY)
    second.grants.all().delete()
    assert not is_stood_in_for(User.objects.get(pk=away.pk), now=MONDAY)
    grant(second, "manager", cast.program)
    grant(away, "manager", cast.other_program)

    assert not is_stood_in_for(User.objects.get(pk=away.pk), now=MONDAY)


def call(cast, now: datetime) -> set[str]:
    """Ask for help by a check-in; return whom the mail goes to."""
    check_in = CheckIn.objects.create(
        match=cast.match, user=cast.mentee, due_on=now.date(), created_at=now
    )
    answer_check_in(check_in=check_in, answer=CheckInAnswer.HELP, now=now)
    return told("feedback.help_asked", check_in.pk)


def told(kind: str, pk: int) -> set[str]:
    rows = Message.objects.filter(kind=kind, object_id=pk)
    return set(rows.values_list("recipient__first_name", flat=True))


def test_call_for_help_reaches_who_stands_in_on_the_days_of_the_cover(cast):
    second = make_person("sue@example.org", "Sue Second")
    role = grant(second, "manager", None)
    cover(cast, second, date(2026, 11, 24), date(2026, 11, 25))
    day = timedelta(days=1)

    assert call(cast, MONDAY) == {"Marta"}
    assert call(cast, MONDAY + day) == {"Marta", "Sue"}
    assert call(cast, MONDAY + 2 * day) == {"Marta", "Sue"}
    assert call(cast, MONDAY + 3 * day) == {"Marta"}
    Cover.objects.update(ends_on=date(2026, 11, 30))
    role.delete()
    assert call(cast, MONDAY + 4 * day) == {"Marta"}  # runs nothing any more


def test_misfit_reaches_who_stands_in_unless_they_are_in_the_match(cast):
    second = make_person("sue@example.org", "Sue Second")
    for person in (second, cast.mentor):
        grant(person, "manager", None)
    row = cover(cast, second, MONDAY.date(), MONDAY.date())

    said = say_misfit(match=cast.match, actor=cast.mentee, words="", now=MONDAY)
    assert told("feedback.misfit", said.pk) == {"Marta", "Sue"}

    Message.objects.all().delete()
    Cover.objects.filter(pk=row.pk).update(covered_by=cast.mentor)
    said = say_misfit(match=cast.match, actor=cast.mentor, words="", now=MONDAY)
    assert told("feedback.misfit", said.pk) == {"Marta"}
