"""Versions of the questions about working together."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from programs.models import Cohort, ExpectationForm, ExpectationQuestion
from programs.usual_expectations import USUAL

COPIED = ("key", "title", "label", "kind", "choices", "part", "position")


@transaction.atomic
def ensure_expectations(cohort: Cohort) -> ExpectationForm:
    """Return the questions in use; a cohort without any gets the usual ones."""
    form = cohort.expectation_forms.filter(is_current=True).first()
    if form is not None:
        return form
    Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    form, is_new = ExpectationForm.objects.get_or_create(cohort=cohort, is_current=True)
    if is_new:
        ExpectationQuestion.objects.bulk_create(usual_questions(form))
    return form


def usual_questions(form: ExpectationForm) -> list[ExpectationQuestion]:
    """Return the delivered questions for a form, unsaved."""
    return [
        ExpectationQuestion(
            form=form,
            key=usual.key,
            title=usual.title,
            label=usual.label,
            kind=usual.kind,
            choices=list(usual.choices),
            part=usual.part,
            position=position,
        )
        for position, usual in enumerate(USUAL)
    ]


@transaction.atomic
def revise_expectations(
    *, form: ExpectationForm, actor: User | None, now: datetime
) -> ExpectationForm:
    """Make the next version with the same questions, and use it from now on.

    Answers keep the version they were given to. Effects: one form, its questions, one audit row;
    locks the cohort, so that two revisions get two numbers.
    """
    cohort = Cohort.objects.select_for_update().get(pk=form.cohort_id)
    newest = cohort.expectation_forms.order_by("-version").first() or form
    cohort.expectation_forms.filter(is_current=True).update(is_current=False)
    revised = ExpectationForm.objects.create(cohort=cohort, version=newest.version + 1)
    ExpectationQuestion.objects.bulk_create(
        ExpectationQuestion(form=revised, **{name: getattr(question, name) for name in COPIED})
        for question in form.questions.all()
    )
    record(
        actor=actor,
        action="expectations.revised",
        about=revised,
        now=now,
        program_id=cohort.program_id,
        detail={"from": form.version, "to": revised.version},
    )
    return revised
