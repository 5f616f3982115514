"""Screening: a cohort's steps and who has not passed, one person's steps, one's own step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from core.numbers import whole_number
from core.ui.forms import take_refusal
from participants import access, selectors
from participants.forms import RefereesForm, StepForm
from participants.models import Enrolment, StepOutcome
from participants.selectors.screening import StepLine
from participants.services import screening as services
from participants.views.people import INVALID, enrolment_page
from programs.models import ScreeningStep, StepKind

PEOPLE_A_PAGE = 50


@login_required
@require_safe
def screening(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a cohort's steps with counts, and who has not passed one of them."""
    cohort = access.get_managed_cohort(request.user, pk)
    today = timezone.now().date()
    counts = selectors.step_counts(cohort, today=today)
    number = whole_number(request.GET.get("step"))
    chosen = next((count.step for count in counts if count.step.pk == number), None)
    people = selectors.unscreened(cohort, today=today, step=chosen)
    rows = people.select_related("user").order_by("user__name_key", "pk")
    page = Paginator(rows, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    may_pass_many = chosen is not None and chosen.kind in services.PASSED_TOGETHER
    lines = [
        (enrolment, steps, may_pass_many and not _has_failed(steps, chosen))
        for enrolment, steps in selectors.open_lines(page.object_list, cohort, today=today)
    ]
    context = {
        "cohort": cohort,
        "has_failed": any(not may_tick for _enrolment, _steps, may_tick in lines),
        "counts": counts,
        "chosen": chosen,
        "may_pass_many": may_pass_many,
        "page_obj": page,
        "lines": lines,
        "running_out": selectors.running_out(cohort, today=today),
        "undo": _undo_of(request, chosen),
    }
    return render(request, "participants/screening.html", context)


def _has_failed(steps: Sequence[StepLine], chosen: ScreeningStep | None) -> bool:
    return any(line.step == chosen and line.state == StepOutcome.FAILED for line in steps)


def _undo_of(request: PersonRequest, chosen: ScreeningStep | None) -> dict[str, Any] | None:
    """Return what was noted just now for several people, while it can be taken back."""
    moment = _moment(request.GET.get("noted", ""))
    if chosen is None or moment is None:
        return None
    count = services.noted_together(
        step=chosen, actor=request.user, at=moment, now=timezone.now()
    ).count()
    return {"moment": moment.isoformat(), "count": count} if count else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


@login_required
@require_POST
def pass_many(request: PersonRequest, pk: int) -> HttpResponse:
    """Note a step as passed for those who are ticked, or take that back."""
    cohort = access.get_managed_cohort(request.user, pk)
    step = access.get_step_of(cohort, whole_number(request.POST.get("step")))
    here = f"{reverse('participants:screening', args=(pk,))}?step={step.pk}"
    now = timezone.now()
    moment = _moment(request.POST.get("noted", ""))
    if moment is not None:
        count = services.take_back_together(
            cohort=cohort, step=step, actor=request.user, at=moment, now=now
        )
        messages.success(request, _back_words(count) % {"count": count})
        return redirect(here)
    ids = [number for text in request.POST.getlist("who") if (number := whole_number(text))]
    try:
        count = services.pass_together(
            cohort=cohort, step=step, enrolment_ids=ids, actor=request.user, now=now
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect(here)
    return redirect(f"{here}&noted={now.isoformat().replace('+', '%2B')}" if count else here)


def _back_words(count: int) -> str:
    return ngettext(
        "Taken back; the step is open again for %(count)d person.",
        "Taken back; the step is open again for %(count)d people.",
        count,
    )


@login_required
@require_POST
def decide_step(request: PersonRequest, pk: int, step: int) -> HttpResponse:
    """Note what became of one step of somebody."""
    found = access.get_managed_enrolment(request.user, pk)
    line = _line_of(found, step)
    form = StepForm(request.POST, line=line)
    if form.is_valid():
        try:
            services.decide_step(
                enrolment=found,
                step=line.step,
                actor=request.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Noted."))
            return redirect("participants:enrolment", pk)
    return enrolment_page(request, found, step_form=form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_step(request: PersonRequest, pk: int, step: int) -> HttpResponse:
    """Show somebody a step of their own: read and agree, or name who may be asked."""
    found = access.get_own_enrolment(request.user, pk)
    line = _line_of(found, step)
    form = None
    if line.step.kind == StepKind.REFERENCE and line.person_can_act:
        initial = RefereesForm.initial_of(line.referees)
        form = RefereesForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            _do_own_step(request, found, line, form)
        except DomainError as error:
            if form is None or error.field not in form.fields:
                messages.error(request, str(error), extra_tags="stay")
                return redirect("participants:own_step", pk, step)
            take_refusal(form, error)
        else:
            return redirect("enrolment_status", pk)
    context = {"enrolment": found, "cohort": found.cohort, "line": line, "form": form}
    status = INVALID if form is not None and form.is_bound else 200
    return render(request, "participants/own_step.html", context, status=status)


def _do_own_step(
    request: PersonRequest, enrolment: Enrolment, line: StepLine, form: RefereesForm | None
) -> None:
    now = timezone.now()
    if form is not None:
        services.name_referees(enrolment=enrolment, step=line.step, people=form.named(), now=now)
        messages.success(request, _("Thank you. Your program manager asks them."))
        return
    edition = whole_number(request.POST.get("edition")) or 0
    services.agree(enrolment=enrolment, step=line.step, edition=edition, now=now)
    messages.success(request, _("Thank you. You have agreed."))


def _line_of(enrolment: Enrolment, step: int) -> StepLine:
    lines = selectors.screening_of(enrolment, today=timezone.now().date())
    return access.found_or_404(next((line for line in lines if line.step.pk == step), None))
