"""Managers' pages about a cohort's life."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import MANAGER, OWNER, has_role
from accounts.http import PersonRequest
from core.errors import DomainError
from core.way_back import with_way_back
from programs import selectors
from programs.access import get_managed_cohort
from programs.models import CohortStatus
from programs.readiness import findings
from programs.services.cohorts import move_cohort, next_step, previous_step


@login_required
@require_safe
def cohorts(request: PersonRequest) -> HttpResponse:
    if not (request.user.is_superuser or has_role(request.user, OWNER, MANAGER)):
        raise PermissionDenied
    rows = selectors.cohorts_for_manager(request.user)
    return render(request, "programs/cohorts.html", {"cohorts": rows[:200]})


@login_required
@require_safe
def setup(request: PersonRequest, pk: int) -> HttpResponse:
    cohort = get_managed_cohort(request.user, pk)
    target = next_step(cohort)
    context: dict[str, Any] = {
        "cohort": cohort,
        "steps": _steps(cohort.status),
        "target": CohortStatus(target) if target else None,
        "back": CohortStatus(back) if (back := previous_step(cohort)) else None,
        "findings": [
            replace(found, url=with_way_back(found.url, request.path))
            for found in (findings(cohort, target) if target else [])
        ],
        "form": cohort.forms.filter(is_current=True).first(),
        "source": cohort.copied_from,
        "lessons": cohort.copied_from.lessons.all() if cohort.copied_from else [],
    }
    context["is_ready"] = all(f.is_met or not f.is_required for f in context["findings"])
    return render(request, "programs/setup.html", context)


@login_required
@require_http_methods(["POST"])
def move(request: PersonRequest, pk: int) -> HttpResponse:
    cohort = get_managed_cohort(request.user, pk)
    target = request.POST.get("target", "")
    try:
        move_cohort(cohort=cohort, target=target, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        messages.success(
            request,
            _("%(cohort)s is now: %(status)s.")
            % {"cohort": cohort.name, "status": cohort.get_status_display()},
        )
    return redirect("programs:setup", pk=cohort.pk)


def _steps(status: str) -> list[dict[str, str]]:
    order = list(CohortStatus)
    now = order.index(CohortStatus(status))
    return [
        {
            "label": str(step.label),
            "state": "done" if at < now else "now" if at == now else "next",
        }
        for at, step in enumerate(order)
    ]
