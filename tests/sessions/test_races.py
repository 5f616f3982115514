"""Two people who book the same hour at the same moment, on two real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from core.errors import Conflict
from sessions.models import Meeting, MeetingAttendee
from sessions.services import Plan, accept_time, book_meeting, propose_times
from tests.conftest import NOW, enrol, make_match, make_person

START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PLAN = Plan(minutes=45)
TURNS = 4


def together(acts: list[Callable[[], object]]) -> list[object]:
    """Run the acts at one moment, each on a connection of its own; return what became of each."""
    gate = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(at: int) -> None:
        try:
            gate.wait(timeout=20)
            results[at] = acts[at]()
        except Conflict as error:
            results[at] = str(error)
        except BaseException as error:
            results[at] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def split(results: list[object]) -> tuple[list[Meeting], list[str]]:
    meetings = [result for result in results if isinstance(result, Meeting)]
    sentences = [result for result in results if isinstance(result, str)]
    assert len(meetings) + len(sentences) == len(results), results
    return meetings, sentences


@pytest.fixture
def other_match(cast):
    person = make_person("kenji@example.org", "Kenji Sato")
    return make_match(cast.mentor_enrolment, enrol(cast.cohort, person, "mentee"))


@pytest.mark.django_db(transaction=True)
def test_two_mentees_book_one_hour_of_a_mentor_and_one_gets_it(cast, other_match):
    kenji = other_match.members.get(role="mentee").user
    for turn in range(TURNS):
        start = START.replace(day=24 + turn)
        results = together(
            [
                lambda start=start: book_meeting(
                    match=cast.match, actor=cast.mentee, now=NOW, starts_at=start, plan=PLAN
                ),
                lambda start=start: book_meeting(
                    match=other_match, actor=kenji, now=NOW, starts_at=start, plan=PLAN
                ),
            ]
        )

        meetings, sentences = split(results)
        assert len(meetings) == 1
        assert sentences == ["Daniel is not free then. Choose another time."]
        assert Meeting.objects.filter(starts_at=start).count() == 1
        assert MeetingAttendee.objects.filter(user=cast.mentor, is_confirmed=True).count() == (
            turn + 1
        )


@pytest.mark.django_db(transaction=True)
def test_two_times_of_one_offer_are_taken_at_once_and_one_counts(cast):
    proposal = propose_times(
        match=cast.match,
        actor=cast.mentee,
        now=NOW,
        starts=[START, START.replace(hour=16)],
        plan=PLAN,
    )
    first, second = proposal.slots.all()

    results = together(
        [
            lambda: accept_time(slot=first, actor=cast.mentor, now=NOW),
            lambda: accept_time(slot=second, actor=cast.mentor, now=NOW),
        ]
    )

    meetings, sentences = split(results)
    assert len(meetings) == 1
    assert sentences == ["This offer is closed already: Accepted."]
    assert Meeting.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_offers_to_two_people_are_taken_at_one_moment_and_one_gets_the_hour(cast, other_match):
    kenji = other_match.members.get(role="mentee").user
    slots = [
        propose_times(
            match=match, actor=cast.mentor, now=NOW, starts=[START], plan=PLAN
        ).slots.get()
        for match in (cast.match, other_match)
    ]

    results = together(
        [
            lambda: accept_time(slot=slots[0], actor=cast.mentee, now=NOW),
            lambda: accept_time(slot=slots[1], actor=kenji, now=NOW),
        ]
    )

    meetings, sentences = split(results)
    assert len(meetings) == 1
    assert sentences == ["Daniel is not free then. Choose another time."]
