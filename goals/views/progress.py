"""Say how far a goal is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest
from core.clock import local_day
from core.errors import DomainError
from core.ui.forms import take_refusal
from core.ui.undo import with_undo
from goals import access, services
from goals.forms import ProgressForm
from goals.models import Goal


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: PersonRequest, pk: int) -> HttpResponse:
    goal = access.get_own_goal(request.user, pk)
    version = goal.current
    has_numbers = version is not None and version.has_numbers
    given: Any = {"has_numbers": has_numbers, "unit": version.unit if version else ""}
    context: Any = {"goal": goal, "version": version, "has_numbers": has_numbers}
    if request.method == "POST":
        form = ProgressForm(request.POST, **given)
        if form.is_valid():
            try:
                services.add_progress(
                    goal=goal, actor=request.user, now=timezone.now(), **form.cleaned_data
                )
            except DomainError as error:
                take_refusal(form, error)
            else:
                messages.success(request, _("Saved. Every step counts."))
                return redirect("goals:detail", pk)
        return render(request, "goals/progress.html", {**context, "form": form}, status=422)
    today = local_day(timezone.now(), request.user.time_zone)
    context["form"] = ProgressForm(initial={"day": today}, **given)
    return render(request, "goals/progress.html", context)


@login_required
@require_POST
def remove_progress(request: PersonRequest, pk: UUID) -> HttpResponse:
    update = access.get_own_update(request.user, pk)
    services.remove_progress(update=update, actor=request.user, now=timezone.now())
    undo = with_undo(request, _("Removed."), "goals:restore_progress", pk)
    messages.success(request, undo)
    return _to_goal(update.goal)


@login_required
@require_POST
def restore_progress(request: PersonRequest, pk: UUID) -> HttpResponse:
    update = access.get_own_update(request.user, pk)
    services.restore_progress(update=update, actor=request.user, now=timezone.now())
    messages.success(request, _("It is back."))
    return _to_goal(update.goal)


def _to_goal(goal: Goal) -> HttpResponse:
    return redirect("goals:detail", goal.pk)
