"""Programs, cohorts and forms in the admin."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Role
from audit.models import AuditEvent
from participants.models import Answer
from programs.models import Cohort, EnrolmentForm, Question
from programs.services.cohorts import ensure_form
from tests.conftest import grant

pytestmark = pytest.mark.django_db


def cohort_data(program, **fields):
    return {
        "program": program.pk,
        "name": "Spring 2027",
        "enrolment_opens_on": "2027-01-04",
        "enrolment_closes_on": "2027-02-15",
        "starts_on": "2027-03-01",
        "ends_on": "2027-12-01",
        "rhythm_days": "14",
        "has_check_ins": "on",
        "mentor_capacity": "1",
        "offer_days": "3",
        "mentee_line_manager": "not_told",
        "mentor_line_manager": "not_told",
        **{
            f"{inline}-{name}_FORMS": "0"
            for inline in (
                "phases",
                "objectives",
                "agendas",
                "agreement_clauses",
                "closing_questions",
            )
            for name in ("TOTAL", "INITIAL")
        },
        **fields,
    }


def test_cohort_is_added_with_its_form_and_an_audit_row(cast):
    client = cast.client("program_manager")

    answer = client.post(reverse("admin:programs_cohort_add"), cohort_data(cast.program))

    assert answer.status_code == 302
    cohort = Cohort.objects.get(name="Spring 2027")
    assert cohort.forms.count() == 1
    assert AuditEvent.objects.filter(action="cohort.created", object_id=str(cohort.pk)).exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ends_on": "2027-02-01"}, "The cohort ends before it starts."),
        ({"enrolment_closes_on": "2026-12-01"}, "Enrolment closes before it opens."),
        ({"rhythm_days": "1"}, "Choose between 3 and 92 days"),
        ({"name": "Autumn 2026"}, "has a cohort of this name already"),
    ],
)
def test_cohort_that_cannot_be_explains_itself(cast, fields, sentence):
    client = cast.client("program_manager")

    answer = client.post(reverse("admin:programs_cohort_add"), cohort_data(cast.program, **fields))

    assert answer.status_code == 200
    assert sentence in answer.content.decode()


def test_cohort_for_a_foreign_program_is_refused(cast):
    client = cast.client("program_manager")

    answer = client.post(reverse("admin:programs_cohort_add"), cohort_data(cast.other_program))

    assert answer.status_code == 200
    assert not Cohort.objects.filter(name="Spring 2027").exists()


def question_rows(form, **fields):
    row = {
        "position": "1",
        "label": "Which topics?",
        "key": "topics",
        "kind": "choices",
        "choices": "Career\nLeadership",
        "audience": "both",
        "visibility": "partner",
        "help_text": "",
        "id": "",
        "form": form.pk,
        **fields,
    }
    return {
        "questions-TOTAL_FORMS": "1",
        "questions-INITIAL_FORMS": "0",
        **{f"questions-0-{name}": value for name, value in row.items()},
    }


def test_question_with_choices_is_added_one_a_line(cast):
    form = ensure_form(cast.cohort)
    url = reverse("admin:programs_enrolmentform_change", args=(form.pk,))

    cast.client("program_manager").post(url, question_rows(form))

    assert form.questions.get().choices == ["Career", "Leadership"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"choices": "Only one"}, "Write at least two choices"),
        ({"choices": "A\nA"}, "A choice stands here twice"),
        ({"kind": "text"}, "Only questions with choices have choices"),
    ],
)
def test_question_that_cannot_be_explains_itself(cast, fields, sentence):
    form = ensure_form(cast.cohort)
    url = reverse("admin:programs_enrolmentform_change", args=(form.pk,))

    answer = cast.client("program_manager").post(url, question_rows(form, **fields))

    assert sentence in answer.content.decode()
    assert not form.questions.exists()


def test_new_version_is_made_by_a_button_never_by_a_link(cast):
    form = ensure_form(cast.cohort)
    question = Question.objects.create(form=form, key="goal", label="Goal?", kind="text")
    Answer.objects.create(enrolment=cast.mentee_enrolment, question=question, text="x")
    client = cast.client("program_manager")
    url = reverse("admin:programs_enrolmentform_make_new_version", args=(form.pk,))

    assert client.get(url).status_code == 200
    assert EnrolmentForm.objects.filter(cohort=cast.cohort).count() == 1
    client.post(url)

    assert EnrolmentForm.objects.get(cohort=cast.cohort, is_current=True).version == 2


def test_program_is_added_by_an_organisation_wide_owner_only(cast):
    url = reverse("admin:programs_program_add")

    assert cast.client("program_manager").get(url).status_code == 403
    grant(cast.stranger, Role.OWNER, None)
    assert cast.client("stranger").get(url).status_code == 200
