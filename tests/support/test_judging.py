"""Keeping health: what is written, when a match turned, and two sweeps at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, connections

from matching.models import Match
from sessions.models import Meeting
from support.models import HealthTurn, MatchHealth
from support.services import Turned, judge_all
from support.services.judging import LOCK
from support.tasks import judge_matches
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def stored(cast):
    row = MatchHealth.objects.get(match=cast.match)
    return row.state, row.reasons, row.since


def test_judging_keeps_the_state_and_the_day_it_turned(cast):
    Meeting.objects.create(match=cast.match, held_on=NOW.date() - timedelta(days=20))
    assert judge_all(now=NOW) == Turned(judged_count=1, written_count=1, turned_count=1)

    later = NOW + timedelta(days=3)
    assert judge_all(now=later).turned_count == 1

    assert stored(cast) == ("watch", ["gap=2026-10-29"], later)
    assert list(HealthTurn.objects.values_list("state", "turned_at")) == [
        ("watch", later),
        ("on_track", NOW),
    ]


def test_judging_again_writes_nothing(cast):
    judge_all(now=NOW)

    again = judge_all(now=NOW + timedelta(hours=1))

    assert again == Turned(judged_count=1, written_count=0, turned_count=0)
    assert HealthTurn.objects.count() == 1


def test_judging_writes_new_reasons_without_calling_it_a_turn(cast):
    Meeting.objects.create(match=cast.match, held_on=NOW.date() - timedelta(days=22))
    judge_all(now=NOW)
    Meeting.objects.update(held_on=NOW.date() - timedelta(days=24))

    later = judge_all(now=NOW + timedelta(hours=1))

    assert later == Turned(judged_count=1, written_count=1, turned_count=0)
    assert stored(cast) == ("watch", ["gap=2026-10-25"], NOW)


def test_judging_names_paused_matches_and_forgets_ended_ones(cast):
    judge_all(now=NOW)
    Match.objects.update(status="paused")
    judge_all(now=NOW + timedelta(hours=1))
    assert stored(cast)[:2] == ("paused", [])

    Match.objects.update(status="ended", ended_on=NOW.date(), end_reason="other")
    judge_all(now=NOW + timedelta(hours=2))

    assert not MatchHealth.objects.exists()
    assert HealthTurn.objects.count() == 2


def test_judging_leaves_cohorts_alone_that_are_not_active(cast):
    cast.cohort.status = "completed"
    cast.cohort.save()

    assert judge_all(now=NOW) == Turned()


def test_task_judges_by_the_clock(cast):
    judge_matches()

    assert MatchHealth.objects.get().match_id == cast.match.pk


@pytest.mark.django_db(transaction=True)
def test_judging_does_nothing_while_another_sweep_judges(cast):
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            assert judge_all(now=NOW) == Turned()
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        assert judge_all(now=NOW).judged_count == 1
    finally:
        other.close()
    assert connection.in_atomic_block is False
