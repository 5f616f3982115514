"""Facts about matches: gathered where something was touched, none missed, nothing twice."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connections

from goals.models import Goal, ProgressUpdate
from goals.services import GoalText, set_goal
from matching.models import Match, ThreadMessage
from matching.services.thread import write_message
from support.models import MatchFact, TouchedMatch
from support.services.gathering import gather_facts
from tests.conftest import NOW

WRITE = """
    INSERT INTO matching_threadmessage (id, match_id, author_id, text, sent_at)
    VALUES (%s, %s, %s, 'Hello', %s)
"""


@pytest.mark.django_db
def test_gathering_again_writes_nothing_and_keeps_no_list(cast):
    assert gather_facts() == 1
    assert TouchedMatch.objects.count() == 0
    assert gather_facts() == 0


@pytest.mark.django_db
def test_message_that_is_taken_back_counts_no_longer(cast):
    write_message(match=cast.match, actor=cast.mentee, text="Hello", now=NOW)
    gather_facts()
    assert MatchFact.objects.get(match=cast.match).wrote_on == NOW.date()

    ThreadMessage.objects.update(removed_at=NOW, text="")

    assert gather_facts() == 1
    assert MatchFact.objects.get(match=cast.match).wrote_on is None


@pytest.mark.django_db
def test_step_of_a_goal_that_is_deleted_counts_no_longer(cast):
    goal = set_goal(
        match=cast.match, actor=cast.mentee, visibility="us", text=GoalText(title="Ours"), now=NOW
    )
    ProgressUpdate.objects.create(
        goal=goal, day=NOW.date() + timedelta(days=9), progress=40, created_at=NOW
    )
    gather_facts()
    assert MatchFact.objects.get(match=cast.match).moved_on == NOW.date() + timedelta(days=9)

    ProgressUpdate.objects.all().delete()
    gather_facts()
    row = MatchFact.objects.get(match=cast.match)
    assert row.moved_on == Goal.objects.get().created_at.date()


@pytest.mark.django_db
def test_match_that_is_gone_is_passed_over(cast):
    gather_facts()
    write_message(match=cast.match, actor=cast.mentee, text="Hello", now=NOW)
    Match.objects.all().delete()

    assert gather_facts() == 0
    assert TouchedMatch.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_message_of_an_open_transaction_is_gathered_the_next_time(cast):
    gather_facts()
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(WRITE, [uuid.uuid4(), cast.match.pk, cast.mentee.pk, NOW])
            assert gather_facts() == 0
        other.commit()
    finally:
        other.close()

    assert gather_facts() == 1
    assert MatchFact.objects.get(match=cast.match).wrote_on == NOW.date()
