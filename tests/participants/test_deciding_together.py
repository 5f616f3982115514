"""Several sign-ups are decided about in one go, and taken back before anybody is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from core.errors import Conflict, DomainError
from notifications import registry
from notifications.models import Message
from participants.models import BulkDecision, Enrolment, EnrolmentNote
from participants.services.deciding_together import decide_together, undo_together
from participants.services.enrolling import move_enrolment
from programs.models import Cohort
from tests.conftest import NOW, enrol, make_cohort, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(cast) -> Cohort:
    """A cohort with two places for mentees, for which three ask."""
    cohort = make_cohort(
        cast.program, name="Winter", status="enrolling", needs_approval=True, mentee_places=2
    )
    for number in range(3):
        person = make_person(f"asks{number}@example.org", f"Asker {number}")
        enrol(cohort, person, "mentee", status="applied")
    return cohort


def states(cohort: Cohort) -> list[str]:
    return list(cohort.enrolments.order_by("user__email").values_list("status", flat=True))


def decide(cast, cohort: Cohort, *, says_yes=True, **fields):
    ids = list(cohort.enrolments.values_list("pk", flat=True))
    given = {"enrolment_ids": ids, "actor": cast.program_manager, "now": NOW, **fields}
    return decide_together(cohort=cohort, says_yes=says_yes, **given)


def why_not_sent(moment=NOW) -> set[str]:
    rows = Message.objects.filter(kind="participants.standing")
    return {registry.get(row.kind).is_still_due(row, moment) for row in rows}


def test_yes_lets_in_whom_there_is_a_place_for_and_tells_nobody_for_a_while(cast, cohort):
    found = decide(cast, cohort)

    assert states(cohort) == ["enrolled", "enrolled", "waitlisted"]
    assert dict(found.counts) == {"enrolled": 2, "waitlisted": 1}
    due = set(Message.objects.values_list("due_at", flat=True))
    assert due == {NOW + timedelta(minutes=11)}
    assert why_not_sent() == {""}


def test_what_is_taken_back_in_time_was_told_to_nobody(cast, cohort):
    decision = decide(cast, cohort, says_yes=False, reason="Too few mentors.").decision
    assert states(cohort) == ["declined"] * 3

    count = undo_together(
        decision=decision, actor=cast.program_manager, now=NOW + timedelta(minutes=9)
    )

    assert count == 3
    assert states(cohort) == ["applied"] * 3
    assert not EnrolmentNote.objects.exists()
    assert why_not_sent() == {"The person stands elsewhere by now."}
    with pytest.raises(Conflict):
        undo_together(decision=decision, actor=cast.program_manager, now=NOW)


def test_taking_back_leaves_alone_whom_somebody_moved_on(cast, cohort):
    decision = decide(cast, cohort).decision
    first = cohort.enrolments.get(user__email="asks0@example.org")
    move_enrolment(enrolment=first, to="withdrawn", actor=cast.program_manager, now=NOW)

    assert undo_together(decision=decision, actor=cast.program_manager, now=NOW) == 2
    assert states(cohort) == ["withdrawn", "applied", "applied"]


def test_taking_back_is_refused_once_people_are_told(cast, cohort):
    decision = decide(cast, cohort).decision

    with pytest.raises(Conflict, match="gone out by now"):
        undo_together(
            decision=decision, actor=cast.program_manager, now=NOW + timedelta(minutes=10)
        )
    assert "applied" not in states(cohort)


def test_one_who_cannot_be_let_in_is_named_and_the_others_are(cast, cohort):
    Enrolment.objects.filter(user__email="asks1@example.org").update(status="withdrawn")
    own = enrol(cohort, cast.program_manager, "mentor", status="applied")

    decide(cast, cohort)

    assert states(cohort) == ["enrolled", "withdrawn", "enrolled", "applied"]
    own.refresh_from_db()
    assert own.status == "applied"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"enrolment_ids": []}, "Tick at least one"),
        ({"enrolment_ids": list(range(201))}, "at most 200"),
        ({"says_yes": False, "reason": " "}, "Write a sentence or two"),
    ],
)
def test_decision_without_people_or_reason_changes_nothing(cast, cohort, fields, sentence):
    with pytest.raises(DomainError, match=sentence):
        decide(cast, cohort, **fields)
    assert states(cohort) == ["applied"] * 3
    assert not BulkDecision.objects.exists()


def test_pages_decide_show_what_became_of_it_and_take_it_back(cast, at_now, cohort):
    client = cast.client("program_manager")
    people = reverse("participants:people", args=(cohort.pk,)) + "?status=applied"
    url = reverse("participants:decide_many", args=(cohort.pk,))
    ids = list(cohort.enrolments.values_list("pk", flat=True))
    assert 'form="together"' in client.get(people).content.decode()
    empty = client.post(url, {"answer": "yes"}, follow=True).content.decode()
    assert "Tick at least one person." in empty

    page = client.post(url, {"answer": "yes", "who": ids}, follow=True).content.decode()
    assert "2 people are in." in page
    assert "1 is on the waitlist" in page
    decision = BulkDecision.objects.get()
    back = client.post(url, {"undo": decision.pk}, follow=True).content.decode()
    assert "Taken back: 3 sign-ups wait for a decision again" in back
    assert states(cohort) == ["applied"] * 3
    for pk in ("nonsense", "00000000-0000-0000-0000-000000000000"):
        assert client.post(url, {"undo": pk}).status_code == 404


def test_decision_of_another_cohort_is_not_taken_back_here(cast, cohort):
    decision = decide(cast, cohort).decision
    url = reverse("participants:decide_many", args=(cast.cohort.pk,))

    assert cast.client("program_manager").post(url, {"undo": decision.pk}).status_code == 404
