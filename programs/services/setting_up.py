"""A new cohort from a template."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from programs.models import (
    TELLS_LINE_MANAGERS,
    AgreementClause,
    ClosingQuestion,
    Cohort,
    ExpectationQuestion,
    MeetingAgenda,
    Objective,
    Phase,
    Program,
    Question,
)
from programs.services.cohorts import ensure_form
from programs.services.expectations import ensure_expectations
from programs.templating import Template, Text, sections


@transaction.atomic
def create_from_template(
    *,
    program: Program,
    template: Template,
    name: str,
    starts_on: date,
    language: str,
    actor: User | None,
    now: datetime,
) -> Cohort:
    """Make a cohort with everything that the template brings, in one language.

    Raises:
        DomainError: the program has a cohort of this name, or tells line managers and would become
            discreet.
    Effects: the cohort with its rows in this app and in every app that owns a part of templates; a
    program without objectives gets those of the template, and a discreet template makes its
    program discreet; one audit row.
    """
    refuse_name_twice(program, name)
    cohort = Cohort.objects.create(
        program=program,
        name=name,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(weeks=template.week_count),
        enrolment_opens_on=starts_on - timedelta(weeks=template.opens_weeks_before),
        enrolment_closes_on=starts_on - timedelta(weeks=template.closes_weeks_before),
        rhythm_days=template.rhythm_days,
        has_check_ins=template.has_check_ins,
        has_fit_questions=template.has_fit_questions,
        check_in_reason=template.check_in_reason.in_language(language),
        mentor_capacity=template.mentor_capacity,
        managers_see_goals=template.managers_see_goals,
        mentors_among_themselves=template.mentors_among_themselves.in_language(language),
        language=language,
        template=template.key,
        template_version=template.version,
    )
    phases = _write_phases(cohort, template, language)
    _write_texts(cohort, template, phases, language)
    _ask(cohort, template, language)
    _expect(cohort, template, language)
    for section in sections():
        if section.name in template.parts:
            section.apply(cohort, template.parts[section.name], language)
    _tell_program(program, template, language)
    record(
        actor=actor,
        action="cohort.created",
        about=cohort,
        now=now,
        program_id=program.pk,
        detail={"template": template.key, "version": template.version},
    )
    return cohort


def refuse_name_twice(program: Program, name: str) -> None:
    """Raise DomainError when the program has a cohort of this name; locks the program."""
    Program.objects.select_for_update().get(pk=program.pk)
    if program.cohorts.filter(name=name).exists():
        raise DomainError(
            _("This program has a cohort of this name already."), code="cohort_name_taken"
        )


def _write_phases(cohort: Cohort, template: Template, language: str) -> list[Phase]:
    day, phases = cohort.starts_on, []
    for text in template.phases:
        end = day + timedelta(weeks=text.weeks)
        phases.append(
            Phase(
                cohort=cohort,
                name=text.name.in_language(language),
                purpose=text.purpose.in_language(language),
                guide=text.guide.in_language(language),
                mentor_guide=text.mentor_guide.in_language(language),
                mentee_guide=text.mentee_guide.in_language(language),
                agenda=_lines(text.agenda, language),
                starters=_lines(text.starters, language),
                reflection_prompt=text.reflection.in_language(language),
                starts_on=day,
                ends_on=end - timedelta(days=1),
            )
        )
        day = end
    return Phase.objects.bulk_create(phases)


def _write_texts(
    cohort: Cohort, template: Template, phases: Sequence[Phase], language: str
) -> None:
    MeetingAgenda.objects.bulk_create(
        MeetingAgenda(
            cohort=cohort,
            kind=agenda.kind,
            phase=None if agenda.phase is None else phases[agenda.phase],
            lines=_lines(agenda.lines, language),
        )
        for agenda in template.agendas
    )
    AgreementClause.objects.bulk_create(
        AgreementClause(cohort=cohort, part=part, text=text.in_language(language))
        for part, text in template.agreement.items()
    )
    Objective.objects.bulk_create(
        Objective(
            cohort=cohort,
            text=one.text.in_language(language),
            measure=one.measure,
            target=one.target,
            position=at,
        )
        for at, one in enumerate(template.objectives)
    )
    ClosingQuestion.objects.bulk_create(
        ClosingQuestion(
            cohort=cohort,
            text=one.text.in_language(language),
            audience=one.audience,
            position=at,
        )
        for at, one in enumerate(template.closing)
    )


def _ask(cohort: Cohort, template: Template, language: str) -> None:
    form = ensure_form(cohort)
    Question.objects.bulk_create(
        Question(
            form=form,
            key=asked.key,
            label=asked.label.in_language(language),
            help_text=asked.help.in_language(language) if asked.help else "",
            kind=asked.kind,
            choices=[choice.in_language(language) for choice in asked.choices],
            is_required=asked.is_required,
            audience=asked.audience,
            visibility=asked.visibility,
            position=at,
        )
        for at, asked in enumerate(template.questions)
    )


def _expect(cohort: Cohort, template: Template, language: str) -> None:
    form = ensure_expectations(cohort)
    ExpectationQuestion.objects.bulk_create(
        ExpectationQuestion(
            form=form,
            key=one.key,
            title=one.title.in_language(language),
            label=one.label.in_language(language),
            kind=one.kind,
            choices=[choice.in_language(language) for choice in one.choices],
            part=one.part,
            position=at,
        )
        for at, one in enumerate(template.expectations, start=form.questions.count())
    )


def _tell_program(program: Program, template: Template, language: str) -> None:
    changed = []
    if not program.objectives:
        program.objectives = template.program_objectives.in_language(language)
        changed.append("objectives")
    if template.is_discreet and not program.is_discreet:
        if program.cohorts.telling_line_managers().exists():
            raise DomainError(TELLS_LINE_MANAGERS, code="discreet", field="program")
        program.is_discreet = True
        changed.append("is_discreet")
    if changed:
        program.save(update_fields=changed)


def _lines(texts: Sequence[Text], language: str) -> str:
    return "\n".join(text.in_language(language) for text in texts)
