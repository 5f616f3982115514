"""The people of a cohort: find them, add one, change status and capacity."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import may_merge
from accounts.http import PersonRequest
from core.errors import DomainError
from core.ui.forms import take_refusal
from participants import access
from participants.externals import usual_until
from participants.forms import (
    AskForm,
    CapacityForm,
    DecisionForm,
    OverrideForm,
    PeopleFilter,
    PersonForm,
    ProlongForm,
    StatusForm,
    StepForm,
)
from participants.line_managers import counts_of_asked, line_of
from participants.listing import people_page
from participants.models import (
    TAKES_PART,
    Enrolment,
    EnrolmentStatus,
    MemberRole,
    MoreAsked,
)
from participants.selectors import (
    answers_for_manager,
    open_offer,
    open_recommendations,
    screening_of,
    unscreened,
    waitlist_position,
)
from participants.selectors.screening import StepLine
from participants.services import enrolling
from participants.services.deciding_together import QUIET, may_undo
from programs.models import Cohort

INVALID = 422


@login_required
@require_safe
def people(request: PersonRequest, pk: int) -> HttpResponse:
    """List the people of a cohort by name, with search and filters in the address."""
    cohort = access.get_managed_cohort(request.user, pk)
    filters = PeopleFilter(request.GET, asks_line_managers=cohort.tells_line_managers)
    values = filters.values()
    page = people_page(
        cohort,
        words=values["q"],
        role=values["role"],
        status=values["status"],
        line=values.get("line", ""),
        unscreened_on=timezone.now().date() if values["screening"] else None,
        query=request.GET.dict(),
    )
    today = timezone.now().date()
    is_screening = getattr(cohort, "asks_steps", False)
    context = {
        "cohort": cohort,
        "page": page,
        "is_screening": is_screening,
        "recommended_count": open_recommendations(cohort).count(),
        "may_merge": may_merge(request.user),
        "unscreened_count": unscreened(cohort, today=today).count() if is_screening else 0,
        "filters": filters,
        "is_filtered": any(values.values()),
        "asked": counts_of_asked(cohort),
        **_asking(cohort),
        "may_decide": values["status"] == EnrolmentStatus.APPLIED,
        "decided": _decided_just_now(cohort, request.GET.get("decided", "")),
    }
    return render(request, "participants/people.html", context)


def _decided_just_now(cohort: Cohort, pk: str) -> dict[str, Any] | None:
    """Return what was decided in one go, while it can be taken back."""
    if not pk:
        return None
    decision = access.get_decision(cohort, pk)
    if not may_undo(decision, now=timezone.now()):
        return None
    counts = Counter(after for _pk, _before, after in decision.rows)
    return {
        "pk": decision.pk,
        "in": counts[EnrolmentStatus.ENROLLED],
        "waitlisted": counts[EnrolmentStatus.WAITLISTED],
        "declined": counts[EnrolmentStatus.DECLINED],
        "until": decision.decided_at + QUIET,
    }


def _asking(cohort: Cohort) -> dict[str, int]:
    """Return how many wait for a decision, and how many of them answered a question. One query."""
    counts: dict[str, int] = cohort.enrolments.filter(status=EnrolmentStatus.APPLIED).aggregate(
        asking_count=Count("pk"), answered_count=Count("more_asked__answered_at")
    )
    return counts


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_person(request: PersonRequest, pk: int) -> HttpResponse:
    """Enrol one person by hand."""
    cohort = access.get_managed_cohort(request.user, pk)
    form = PersonForm(request.POST or None, cohort=cohort)
    if form.is_valid():
        try:
            made = enrolling.enrol_person(
                cohort=cohort, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            said = _("%(person)s is enrolled.")
            if made.status == EnrolmentStatus.APPLIED:
                said = _("%(person)s is on the list; their line manager is asked first.")
            messages.success(request, said % {"person": made.user})
            return redirect("participants:people", cohort.pk)
    status = INVALID if form.is_bound else 200
    context = {"cohort": cohort, "form": form}
    return render(request, "participants/add_person.html", context, status=status)


@login_required
@require_safe
def enrolment(request: PersonRequest, pk: int) -> HttpResponse:
    """Show one person of a cohort, with what a manager may read and change."""
    return enrolment_page(request, access.get_managed_enrolment(request.user, pk))


@login_required
@require_POST
def set_status(request: PersonRequest, pk: int) -> HttpResponse:
    """Enrol, pause or withdraw somebody."""
    found = access.get_managed_enrolment(request.user, pk)
    form = StatusForm(request.POST, enrolment=found)
    if form.is_valid():
        try:
            enrolling.move_enrolment(
                enrolment=found,
                to=form.cleaned_data["status"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            take_refusal(form, error, instead="status")
        else:
            messages.success(request, _("The status is changed."))
            return redirect("participants:enrolment", pk)
    return enrolment_page(request, found, status_form=form)


@login_required
@require_POST
def set_capacity(request: PersonRequest, pk: int) -> HttpResponse:
    """Set how many mentees a mentor takes."""
    found = access.get_managed_enrolment(request.user, pk)
    form = CapacityForm(request.POST)
    if form.is_valid():
        try:
            enrolling.set_capacity(
                enrolment=found,
                capacity=form.cleaned_data["capacity"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("The capacity is changed."))
            return redirect("participants:enrolment", pk)
    return enrolment_page(request, found, capacity_form=form)


def _is_of(form: StepForm | None, line: StepLine) -> bool:
    return form is not None and form.line.step.pk == line.step.pk


def enrolment_page(request: PersonRequest, found: Enrolment, **bound: Any) -> HttpResponse:
    """Show a person of a cohort, with forms that are new or, when refused, as they were sent."""
    forms = {
        "status_form": StatusForm(enrolment=found),
        "capacity_form": CapacityForm(initial={"capacity": found.capacity}),
        "decision_form": DecisionForm(),
        "ask_form": AskForm(),
        "override_form": OverrideForm(),
        "prolong_form": ProlongForm(),
        **bound,
    }
    step_form = bound.get("step_form")
    lines = screening_of(found, today=timezone.now().date())
    is_waiting = found.status == EnrolmentStatus.WAITLISTED
    is_asking = found.status == EnrolmentStatus.APPLIED
    context = {
        "enrolment": found,
        "more": MoreAsked.objects.filter(enrolment=found).first() if is_asking else None,
        "answers": answers_for_manager(found),
        "line": line_of(found, now=timezone.now()),
        "reads_line_words": access.reads_line_words(request.user, found),
        "line_is_in": found.status in TAKES_PART,
        "steps": [
            (line, step_form if _is_of(step_form, line) else StepForm(line=line)) for line in lines
        ],
        "open_match_count": enrolling.open_match_count(found),
        "is_mentor": found.role == MemberRole.MENTOR,
        "usual_until": usual_until(found.cohort) if found.user.is_external else None,
        "position": waitlist_position(found) if is_waiting else None,
        "offer": open_offer(found) if is_waiting else None,
        "form": next(iter(bound.values()), None),
        **forms,
    }
    status = INVALID if bound else 200
    return render(request, "participants/enrolment.html", context, status=status)
