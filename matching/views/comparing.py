"""Scenarios that were kept of a draft: named, side by side, computed again, removed."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from core.jobs import JobStatus
from matching import selectors
from matching.access import get_managed_run, get_managed_scenario
from matching.comparing import compare
from matching.services.keeping import compute_again, drop_scenario, keep_scenario

POLL_MS = 1_000


@login_required
@require_safe
def comparison(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the draft and its kept scenarios; htmx polls the tables while some are computed."""
    run = get_managed_run(request.user, pk)
    if run.status != JobStatus.DONE:
        return redirect("matching:review", pk=run.pk)
    context = {
        "run": run,
        "cohort": run.cohort,
        "found": compare(run),
        "poll_ms": POLL_MS,
        "is_draft": run.published_at is None and not selectors.is_publishing(run=run),
    }
    name = "matching/_comparison.html" if request.htmx else "matching/comparison.html"
    return render(request, name, context)


@login_required
@require_POST
def keep(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a scenario a name and show it beside the others."""
    found = get_managed_scenario(request.user, pk)
    try:
        keep_scenario(
            scenario=found,
            actor=request.user,
            now=timezone.now(),
            name=request.POST.get("name", ""),
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect("matching:scenario", pk=found.pk)
    return redirect("matching:compare", pk=found.run_id)


@login_required
@require_POST
def again(request: PersonRequest, pk: int) -> HttpResponse:
    """Compute the kept scenarios anew, after decisions about the draft."""
    run = get_managed_run(request.user, pk)
    try:
        compute_again(run=run)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    return redirect("matching:compare", pk=run.pk)


@login_required
@require_POST
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_managed_scenario(request.user, pk)
    drop_scenario(scenario=found, actor=request.user, now=timezone.now())
    messages.success(request, _("Removed. The draft is as it was."))
    return redirect("matching:compare", pk=found.run_id)
