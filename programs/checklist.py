"""This app's own lines of the checklist."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from programs.models import NEEDED_WITH_MINORS, Audience, Cohort, CohortStatus
from programs.readiness import Finding, register


def before_enrolling(cohort: Cohort) -> Iterator[Finding]:
    edit = reverse("admin:programs_cohort_change", args=(cohort.pk,))
    phases = list(cohort.phases.all())
    yield Finding(
        _("Phases with dates"),
        bool(phases),
        _("Add at least one phase, so that pairs know what comes when."),
        f"{edit}#phases",
    )
    outside = [
        phase.name
        for phase in phases
        if phase.ends_on > cohort.ends_on or phase.starts_on < cohort.enrolment_opens_on
    ]
    yield Finding(
        _("Phases lie inside the cohort"),
        not outside,
        _("Move these phases between opening and end: %(names)s.") % {"names": ", ".join(outside)},
        f"{edit}#phases",
    )
    form = cohort.forms.filter(is_current=True).first()
    yield Finding(
        _("Enrolment form"),
        form is not None and form.questions.exists(),
        _("Add the questions that you want to ask; even one helps the pairing."),
        reverse("admin:programs_enrolmentform_change", args=(form.pk,)) if form else edit,
    )
    expectations = cohort.expectation_forms.filter(is_current=True).first()
    yield Finding(
        _("Expectations questions"),
        expectations is not None,
        _("Save the cohort once; it brings the usual questions, which you can reword."),
        reverse("admin:programs_expectationform_change", args=(expectations.pk,))
        if expectations
        else edit,
        is_required=False,
    )
    program = cohort.program
    yield Finding(
        _("Somebody to ask"),
        bool(program.contact_name and program.contact_email),
        _("Name a contact with an e-mail address; participants see it."),
        reverse("admin:programs_program_change", args=(program.pk,)),
    )
    weeks = cohort.week_count
    yield Finding(
        _("A length that serves pairs"),
        weeks >= 39,
        ngettext(
            "%(count)d week is short. Nine months or more serve most pairs best.",
            "%(count)d weeks are short. Nine months or more serve most pairs best.",
            weeks,
        )
        % {"count": weeks},
        edit,
        is_required=False,
    )
    managers = program.grants.filter(role__in=("owner", "manager")).count()
    yield Finding(
        _("Two people who run it"),
        managers >= 2,
        _("Give a second person a role, so that somebody covers an absence."),
        reverse("programs:team", args=(program.pk,)),
        is_required=False,
    )


def screening_for_minors(cohort: Cohort) -> Iterator[Finding]:
    """Where people under 18 take part, mentors have all three steps."""
    program = cohort.program
    if not program.has_minors:
        return
    kinds = set(
        program.screening_steps.filter(
            is_asked=True, audience__in=(Audience.MENTOR, Audience.BOTH)
        ).values_list("kind", flat=True)
    )
    missing = [str(kind.label) for kind in NEEDED_WITH_MINORS if kind not in kinds]
    yield Finding(
        _("Screening of mentors, since people under 18 take part"),
        not missing,
        _("Add these screening steps for mentors: %(steps)s.") % {"steps": ", ".join(missing)},
        f"{reverse('admin:programs_program_change', args=(program.pk,))}#screening-steps",
    )


def before_the_end(cohort: Cohort) -> Iterator[Finding]:
    yield Finding(
        _("Three lessons"),
        cohort.lessons.exists(),
        _("Write down what you would tell those who run the next one; it opens with it."),
        reverse("programs:lessons", args=(cohort.pk,)),
        is_required=False,
    )


def register_checks() -> None:
    register(CohortStatus.ENROLLING, before_enrolling)
    for target in (CohortStatus.ENROLLING, CohortStatus.PAIRING, CohortStatus.ACTIVE):
        register(target, screening_for_minors)
    register(CohortStatus.COMPLETED, before_the_end)
    register(CohortStatus.ARCHIVED, before_the_end)
