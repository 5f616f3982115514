"""The life of a cohort: one service moves it, and what is missing is listed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from participants.models import Answer
from programs.models import Cohort, CohortStatus, EnrolmentForm, Phase, Question
from programs.readiness import findings
from programs.services.cohorts import NotReady, ensure_form, move_cohort, next_step, previous_step
from programs.services.forms import revise_form
from tests.conftest import NOW, make_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast):
    return make_cohort(cast.program, name="Spring", status=CohortStatus.DRAFT)


@pytest.fixture
def complete(cast, draft):
    type(cast.program).objects.filter(pk=cast.program.pk).update(
        contact_name="Marta", contact_email="marta@example.org"
    )
    Phase.objects.create(cohort=draft, name="All", starts_on=draft.starts_on, ends_on=draft.ends_on)
    Question.objects.create(form=ensure_form(draft), key="goal", label="Your goal?", kind="text")
    return Cohort.objects.select_related("program").get(pk=draft.pk)


def test_move_to_enrolling_lists_what_is_missing(cast, draft):
    with pytest.raises(NotReady) as refusal:
        move_cohort(cohort=draft, target="enrolling", actor=cast.program_manager, now=NOW)

    assert {str(finding.label) for finding in refusal.value.missing} == {
        "Phases with dates",
        "Enrolment form",
        "Somebody to ask",
    }
    assert Cohort.objects.get(pk=draft.pk).status == CohortStatus.DRAFT


def test_move_to_enrolling_when_everything_is_there(cast, complete):
    move_cohort(cohort=complete, target="enrolling", actor=cast.program_manager, now=NOW)

    assert Cohort.objects.get(pk=complete.pk).status == CohortStatus.ENROLLING
    event = AuditEvent.objects.get(action="cohort.moved")
    assert event.detail == {"from": "draft", "to": "enrolling"}


def test_move_over_a_step_is_refused(cast, complete):
    with pytest.raises(DomainError, match="cannot become"):
        move_cohort(cohort=complete, target="active", actor=cast.program_manager, now=NOW)


def test_move_that_somebody_else_made_first_is_a_conflict(cast, complete):
    stale = Cohort.objects.select_related("program").get(pk=complete.pk)
    move_cohort(cohort=complete, target="enrolling", actor=cast.program_manager, now=NOW)

    with pytest.raises(Conflict):
        move_cohort(cohort=stale, target="enrolling", actor=cast.program_manager, now=NOW)


def test_phase_outside_the_cohort_is_found(cast, complete):
    Phase.objects.filter(cohort=complete).update(ends_on=complete.ends_on + timedelta(days=1))

    missing = [f for f in findings(complete, "enrolling") if f.is_required and not f.is_met]

    assert [str(finding.label) for finding in missing] == ["Phases lie inside the cohort"]


@pytest.mark.parametrize(
    ("status", "after", "before"),
    [
        ("draft", "enrolling", None),
        ("enrolling", "pairing", "draft"),
        ("pairing", "active", "enrolling"),
        ("active", "completed", "pairing"),
        ("completed", "archived", "active"),
        ("archived", None, "completed"),
    ],
)
def test_steps_lead_forward_and_back(draft, status, after, before):
    draft.status = status

    assert (next_step(draft), previous_step(draft)) == (after, before)


@pytest.mark.parametrize(
    "fields",
    [
        {"ends_on": "2026-01-01"},
        {"enrolment_closes_on": "2020-01-01"},
        {"rhythm_days": 1},
        {"mentor_capacity": 0},
        {"status": "nonsense"},
    ],
)
def test_cohort_that_cannot_be_is_refused_by_the_database(draft, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Cohort.objects.filter(pk=draft.pk).update(**fields)


def test_answered_question_is_frozen_and_a_new_version_is_not(cast):
    form = ensure_form(cast.cohort)
    question = Question.objects.create(form=form, key="goal", label="Goal?", kind="text")
    Answer.objects.create(enrolment=cast.mentee_enrolment, question=question, text="To lead")

    for change in (
        lambda: Question.objects.filter(pk=question.pk).update(label="Other?"),
        lambda: Question.objects.filter(pk=question.pk).delete(),
    ):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            change()
    revised = revise_form(form=form, actor=cast.program_manager, now=NOW)
    revised.questions.update(label="Other?")

    assert (revised.version, revised.is_current) == (2, True)
    assert EnrolmentForm.objects.get(pk=form.pk).is_current is False
    assert question.answers.get().text == "To lead"


@pytest.mark.parametrize(
    ("who", "status"),
    [("program_manager", 200), ("other_program_manager", 404), ("mentor", 404)],
)
def test_setup_page_is_for_the_programs_managers(cast, who, status):
    url = reverse("programs:setup", args=(cast.cohort.pk,))

    assert cast.client(who).get(url).status_code == status


def test_setup_page_moves_the_cohort_and_says_what_is_missing(cast, complete):
    client = cast.client("program_manager")
    url = reverse("programs:move", args=(complete.pk,))

    assert client.get(url).status_code == 405
    client.post(url, {"target": "enrolling"})
    page = client.get(reverse("programs:setup", args=(complete.pk,))).content.decode()

    assert Cohort.objects.get(pk=complete.pk).status == CohortStatus.ENROLLING
    assert "Import or add at least one mentor." in page
    assert client.post(url, {"target": "pairing"}).status_code == 302
    assert Cohort.objects.get(pk=complete.pk).status == CohortStatus.ENROLLING


@pytest.mark.parametrize(("who", "status"), [("program_manager", 200), ("mentor", 403)])
def test_cohorts_page_is_for_managers(cast, who, status):
    assert cast.client(who).get(reverse("programs:cohorts")).status_code == status
