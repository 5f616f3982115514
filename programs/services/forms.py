"""Versions of enrolment forms."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from programs.models import Cohort, EnrolmentForm, Question

COPIED = (
    "key",
    "label",
    "help_text",
    "kind",
    "choices",
    "is_required",
    "audience",
    "visibility",
    "position",
)


@transaction.atomic
def revise_form(*, form: EnrolmentForm, actor: User | None, now: datetime) -> EnrolmentForm:
    """Make the next version with the same questions, and use it from now on.

    Answers keep the version they were given to. Effects: one form, its questions, one audit row;
    locks the cohort, so that two revisions get two numbers.
    """
    cohort = Cohort.objects.select_for_update().get(pk=form.cohort_id)
    newest = cohort.forms.order_by("-version").first() or form
    cohort.forms.filter(is_current=True).update(is_current=False)
    revised = EnrolmentForm.objects.create(cohort=cohort, version=newest.version + 1)
    Question.objects.bulk_create(
        Question(form=revised, **{name: getattr(question, name) for name in COPIED})
        for question in form.questions.all()
    )
    record(
        actor=actor,
        action="form.revised",
        about=revised,
        now=now,
        program_id=cohort.program_id,
        detail={"from": form.version, "to": revised.version},
    )
    return revised
