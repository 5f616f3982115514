"""Where one stands in a cohort, and what one can change about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PersonRequest
from core.clock import local_day
from core.errors import DomainError
from core.ui.forms import take_refusal
from home.context import sheet_of
from home.services import leave_cohort
from home.sheet import OwnEnrolment
from home.standing import Standing, standing_of
from home.views.pages import phase_strip
from home.words import farewell_of, farewells
from matching.selectors import traits_for
from participants.access import get_own_enrolment, get_own_offer
from participants.forms import (
    AnswerMoreForm,
    CapacityForm,
    NameLineManagerForm,
    PauseForm,
    WelcomeForm,
)
from participants.line_managers import line_of
from participants.models import Enrolment
from participants.selectors import screening_of
from participants.selectors.screening import StepLine
from participants.services import places, staying
from participants.services.asking import answer_more
from participants.services.enrolling import set_capacity
from participants.services.line_managers import name_line_manager

INVALID = 422


@login_required
@require_safe
def enrolment_status(request: PersonRequest, pk: int) -> HttpResponse:
    """Tell somebody where they stand in a cohort, and what happens next."""
    return _page(request, get_own_enrolment(request.user, pk))


@login_required
@require_POST
def capacity(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a mentor say how many mentees they take."""
    enrolment = get_own_enrolment(request.user, pk)
    form = CapacityForm(request.POST)
    if form.is_valid():
        try:
            set_capacity(
                enrolment=enrolment,
                capacity=form.cleaned_data["capacity"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error("capacity", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("enrolment_status", pk)
    return _page(request, enrolment, capacity_form=form)


@login_required
@require_POST
def pause(request: PersonRequest, pk: int) -> HttpResponse:
    """Rest from a day on, with or without a day to come back."""
    enrolment = get_own_enrolment(request.user, pk)
    form = PauseForm(request.POST)
    if form.is_valid():
        try:
            staying.plan_pause(
                enrolment=enrolment, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Good. Rest well; nobody asks why."))
            return redirect("enrolment_status", pk)
    return _page(request, enrolment, pause_form=form)


@login_required
@require_POST
def answer_more_asked(request: PersonRequest, pk: int) -> HttpResponse:
    """Answer what the program manager would like to know before the decision."""
    enrolment = get_own_enrolment(request.user, pk)
    form = AnswerMoreForm(request.POST)
    if form.is_valid():
        try:
            answer_more(enrolment=enrolment, text=form.cleaned_data["text"], now=timezone.now())
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Thank you. The program manager has your answer."))
            return redirect("enrolment_status", pk)
    return _page(request, enrolment, more_form=form)


@login_required
@require_POST
def line_manager(request: PersonRequest, pk: int) -> HttpResponse:
    """Let somebody name their line manager where HR knows none."""
    enrolment = get_own_enrolment(request.user, pk)
    form = NameLineManagerForm(request.POST)
    if form.is_valid():
        try:
            name_line_manager(
                enrolment=enrolment,
                email=form.cleaned_data["email"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Thank you. We know whom to write to."))
            return redirect("enrolment_status", pk)
    return _page(request, enrolment, line_form=form)


@login_required
@require_POST
def resume(request: PersonRequest, pk: int) -> HttpResponse:
    """Come back from a pause, or drop one that has not begun."""
    enrolment = get_own_enrolment(request.user, pk)
    try:
        staying.end_pause(enrolment=enrolment, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("Welcome back."))
    return redirect("enrolment_status", pk)


@login_required
@require_POST
def accept_offer(request: PersonRequest, pk: int) -> HttpResponse:
    """Take the place that is kept."""
    offer = get_own_offer(request.user, pk)
    try:
        places.accept_offer(offer=offer, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("The place is yours. Welcome."))
    return redirect("enrolment_status", offer.enrolment_id)


@login_required
@require_POST
def decline_offer(request: PersonRequest, pk: int) -> HttpResponse:
    """Let the place go to the next person."""
    offer = get_own_offer(request.user, pk)
    try:
        places.decline_offer(offer=offer, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("The next person is asked. You stay on the list."))
    return redirect("enrolment_status", offer.enrolment_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask once, kindly, and let somebody go; undo stands on the page after it."""
    enrolment = get_own_enrolment(request.user, pk)
    own = _own(request, enrolment)
    if request.method != "POST":
        matches = own.open_matches if own else []
        names = ", ".join(match.short_names for match in matches)
        context = {
            "enrolment": enrolment,
            "matches": [(match, match.goes_on_without(enrolment.role)) for match in matches],
            "farewells": farewells(names),
            "typed": {},
        }
        return render(request, "home/withdraw.html", context)
    try:
        leave_cohort(
            enrolment=enrolment,
            actor=request.user,
            words=farewell_of(request.POST),
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("You have left the cohort. Thank you for telling us."))
    return redirect("enrolment_status", pk)


@login_required
@require_POST
def undo(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a withdrawal back while nothing followed."""
    enrolment = get_own_enrolment(request.user, pk)
    try:
        staying.undo_withdrawal(enrolment=enrolment, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(request, _("Good to have you back."))
    return redirect("enrolment_status", pk)


def _own(request: PersonRequest, enrolment: Enrolment) -> OwnEnrolment | None:
    return next((row for row in sheet_of(request).enrolments if row.id == enrolment.pk), None)


def _screening(enrolment: Enrolment, standing: Standing, now: datetime) -> list[StepLine]:
    if standing.has_left or not getattr(enrolment, "asks_steps", True):
        return []
    return screening_of(enrolment, today=now.date())


def _page(request: PersonRequest, enrolment: Enrolment, **bound: Any) -> HttpResponse:
    own, now = _own(request, enrolment), timezone.now()
    today = local_day(now, request.user.time_zone)
    standing = standing_of(enrolment, own, now=now)
    line = line_of(enrolment, now=now)
    forms: dict[str, Any] = {
        "more_form": AnswerMoreForm(
            initial={"text": standing.more.answer if standing.more else ""}
        ),
        "pause_form": PauseForm(initial={"pause_from": today}),
        "line_form": NameLineManagerForm(),
        "welcome_form": WelcomeForm(initial={"accepts_external": enrolment.accepts_external}),
    }
    if standing.is_mentor:
        forms["capacity_form"] = CapacityForm(initial={"capacity": enrolment.capacity})
    context = {
        "standing": standing,
        "line": line,
        "may_name_line_manager": line is not None
        and (line.is_named or (line.manager is None and not line.is_settled)),
        "enrolment": enrolment,
        "cohort": enrolment.cohort,
        "program": enrolment.cohort.program,
        "contact_name": (own or enrolment.cohort.program).contact_name,
        "contact_email": (own or enrolment.cohort.program).contact_email,
        "own": own,
        "asks_external": not standing.is_mentor and enrolment.cohort.program.takes_external_mentors,
        "screening": _screening(enrolment, standing, now),
        "has_traits": own.has_traits if own else traits_for(enrolment).exists(),
        "phases": phase_strip(own.phases, today) if own else [],
        "form": next(iter(bound.values()), None),
        **forms,
        **bound,
    }
    return render(request, "home/status.html", context, status=INVALID if bound else 200)
