"""The steps of a goal."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest
from core.errors import DomainError
from core.ui.forms import take_refusal
from core.ui.undo import with_undo
from goals import access, selectors, services
from goals.forms import MilestoneForm
from goals.models import Milestone
from goals.views.goals import show_goal


@login_required
@require_POST
def add_milestone(request: PersonRequest, pk: int) -> HttpResponse:
    goal = access.get_own_goal(request.user, pk)
    form = MilestoneForm(request.POST)
    if form.is_valid():
        try:
            services.add_milestone(
                goal=goal, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            return _to_steps(goal.pk)
    sheet = selectors.goal_sheet(goal, request.user)
    return show_goal(request, sheet, step_form=form, status=422)


@login_required
@require_POST
def tick_milestone(request: PersonRequest, pk: UUID) -> HttpResponse:
    step = access.get_own_milestone(request.user, pk)
    services.tick_milestone(
        milestone=step,
        actor=request.user,
        now=timezone.now(),
        is_done=request.POST.get("done") == "1",
    )
    if request.htmx:
        context = {"step": step, "is_mine": True, "goal": step.goal, "has_focus": True}
        return render(request, "goals/_step.html", context)
    return _to_steps(step.goal_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_milestone(request: PersonRequest, pk: UUID) -> HttpResponse:
    step = access.get_own_milestone(request.user, pk)
    form = MilestoneForm(request.POST or None, initial={"text": step.text, "due_on": step.due_on})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_milestone(
                milestone=step, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            messages.success(request, _("Step changed."))
            return _to_steps(step.goal_id)
    status = 422 if form.is_bound else 200
    context = {"form": form, "step": step, "goal": step.goal}
    return render(request, "goals/step.html", context, status=status)


@login_required
@require_POST
def move_milestone(request: PersonRequest, pk: UUID) -> HttpResponse:
    step = access.get_own_milestone(request.user, pk)
    services.move_milestone(
        milestone=step,
        actor=request.user,
        now=timezone.now(),
        up=request.POST.get("to") == "up",
    )
    return _to_steps(step.goal_id)


@login_required
@require_POST
def remove_milestone(request: PersonRequest, pk: UUID) -> HttpResponse:
    step = access.get_own_milestone(request.user, pk)
    services.remove_milestone(milestone=step, actor=request.user, now=timezone.now())
    messages.success(request, with_undo(request, _("Removed."), "goals:restore_milestone", pk))
    return _to_steps(step.goal_id)


@login_required
@require_POST
def restore_milestone(request: PersonRequest, pk: UUID) -> HttpResponse:
    step: Milestone = access.get_own_milestone(request.user, pk)
    services.restore_milestone(milestone=step, actor=request.user, now=timezone.now())
    messages.success(request, _("It is back."))
    return _to_steps(step.goal_id)


def _to_steps(goal_pk: int) -> HttpResponse:
    return redirect("goals:detail", goal_pk)
