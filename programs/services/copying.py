"""A new cohort from an earlier one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from programs.models import Cohort, ExpectationForm, Phase, Program, Question
from programs.services.cohorts import ensure_form
from programs.services.expectations import COPIED as COPIED_EXPECTATIONS
from programs.services.expectations import ensure_expectations
from programs.services.forms import COPIED as COPIED_QUESTIONS
from programs.services.setting_up import refuse_name_twice
from programs.templating import sections

LINE_MANAGERS = ("mentee_line_manager", "mentor_line_manager")
DATES = ("enrolment_opens_on", "enrolment_closes_on", "ends_on")
SETTINGS = (
    "rhythm_days",
    "has_check_ins",
    "has_fit_questions",
    "has_pulse",
    "check_in_reason",
    "mentor_capacity",
    "managers_see_goals",
    "needs_approval",
    "mentor_places",
    "mentee_places",
    "offer_days",
    "mentors_among_themselves",
    "language",
    "template",
    "template_version",
)


@transaction.atomic
def copy_cohort(
    *,
    source: Cohort,
    program: Program,
    name: str,
    starts_on: date,
    actor: User | None,
    now: datetime,
) -> Cohort:
    """Make a cohort as the earlier one was set up, its dates moved to the new start.

    People, matches and answers stay where they are. The new cohort remembers where it came from, so
    that its set-up opens with the lessons of the earlier one. In a discreet program no line manager
    is told.

    Raises:
        DomainError: the program has a cohort of this name, or shows what the source keeps private.
    Effects: the cohort with its rows in this app and in every app that owns a part; one audit row.
    """
    refuse_name_twice(program, name)
    if source.program.is_discreet and not program.is_discreet:
        raise DomainError(
            _("The earlier cohort is discreet. Copy it into a program that is discreet, too."),
            code="discreet",
            field="program",
        )
    shift = starts_on - source.starts_on
    kept = SETTINGS if program.is_discreet else SETTINGS + LINE_MANAGERS
    cohort = Cohort.objects.create(
        program=program,
        name=name,
        starts_on=starts_on,
        copied_from=source,
        **{field: getattr(source, field) + shift for field in DATES},
        **{field: getattr(source, field) for field in kept},
    )
    _copy_phases(source, cohort, shift)
    for related in ("agreement_clauses", "objectives", "closing_questions"):
        copy_rows(getattr(source, related).all(), cohort=cohort, own_result=None)
    _copy_questions(source, cohort)
    for section in sections():
        section.copy(source, cohort)
    record(
        actor=actor,
        action="cohort.created",
        about=cohort,
        now=now,
        program_id=program.pk,
        detail={"copied_from": source.pk},
    )
    return cohort


def copy_rows(rows: models.QuerySet[Any], **values: Any) -> list[Any]:
    """Write the rows again with other values, in their order; fields a model lacks are ignored."""
    copies = []
    for row in rows:
        row.pk, row._state.adding = None, True
        known = {field.name for field in row._meta.concrete_fields}
        for name, value in values.items():
            if name in known:
                setattr(row, name, value)
        copies.append(row)
    return rows.model._default_manager.bulk_create(copies)


def _copy_phases(source: Cohort, cohort: Cohort, shift: timedelta) -> None:
    old = list(source.phases.all())
    new = copy_rows(source.phases.all(), cohort=cohort)
    for phase in new:
        phase.starts_on += shift
        phase.ends_on += shift
    Phase.objects.bulk_update(new, ("starts_on", "ends_on"))
    same = {before.pk: after for before, after in zip(old, new, strict=True)}
    agendas = list(source.agendas.all())
    for agenda in agendas:
        agenda.pk, agenda._state.adding, agenda.cohort = None, True, cohort
        agenda.phase = same[agenda.phase_id] if agenda.phase_id else None
    source.agendas.model.objects.bulk_create(agendas)


def _copy_questions(source: Cohort, cohort: Cohort) -> None:
    form = ensure_form(cohort)
    used = source.forms.filter(is_current=True).first()
    if used is not None:
        Question.objects.bulk_create(
            Question(form=form, **{name: getattr(question, name) for name in COPIED_QUESTIONS})
            for question in used.questions.all()
        )
    expectations = source.expectation_forms.filter(is_current=True).first()
    if expectations is None:
        ensure_expectations(cohort)
        return
    asked = ExpectationForm.objects.create(cohort=cohort)
    model = asked.questions.model
    model._default_manager.bulk_create(
        model(form=asked, **{name: getattr(question, name) for name in COPIED_EXPECTATIONS})
        for question in expectations.questions.all()
    )
