"""A cohort's policy in short, and its runs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import Conflict, DomainError
from matching.effects import present_effects
from matching.models import PairingPolicy, PairingRun
from matching.reasons import rule_effects
from matching.selectors import pool_counts
from matching.services.lists import suggest_policy
from matching.services.runs import CAN_PAIR, request_run
from matching.standing import open_draft
from matching.standing_circles import waiting_for_a_circle
from matching.views.policy import stored_policy
from programs.access import get_managed_cohort

RUNS_A_PAGE = 20
MOST_WAITING = 50


@login_required
@require_safe
def cohort(request: PersonRequest, pk: int) -> HttpResponse:
    """Show who is there to be paired, what counts, and the runs so far."""
    found = get_managed_cohort(request.user, pk)
    policy = PairingPolicy.objects.filter(cohort=found).first()
    runs = (
        PairingRun.objects.filter(cohort=found)
        .select_related("requested_by", "published_by")
        .defer("pool_snapshot", "policy_snapshot")
    )
    page = Paginator(runs, RUNS_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "cohort": found,
        "counts": pool_counts(found),
        "match_count": found.matches.open().count(),
        "policy": policy,
        "view": stored_policy(policy),
        "page": page,
        "open_run": next((run for run in page.object_list if run.is_open), None),
        "can_pair": found.status in CAN_PAIR,
        "draft": open_draft(found),
    }
    if found.program.is_of_circles and context["match_count"]:
        context["waiting"] = list(waiting_for_a_circle(found, request.user)[:MOST_WAITING])
    return render(request, "matching/cohort.html", context)


@login_required
@require_safe
def effects(request: PersonRequest, pk: int) -> HttpResponse:
    """Count what the policy does to the people who are there now; a card for htmx, else a page."""
    found = get_managed_cohort(request.user, pk)
    policy = PairingPolicy.objects.select_related("cohort").filter(cohort=found).first()
    context: dict[str, Any] = {"cohort": found, "policy": policy}
    if policy is not None:
        now = present_effects(policy)
        context |= {"now": now, "effects": rule_effects(now.as_result)}
    name = "matching/_present.html" if request.htmx else "matching/effects.html"
    return render(request, name, context)


@login_required
@require_POST
def suggest(request: PersonRequest, pk: int) -> HttpResponse:
    """Give the cohort the usual policy to start from."""
    found = get_managed_cohort(request.user, pk)
    left_out = suggest_policy(cohort=found, actor=request.user, now=timezone.now())
    text = _("These criteria and rules are set. Change what you like.")
    if left_out:
        hint = _("Left out, since hardly anybody has told: %(criteria)s.")
        text = f"{text} {hint % {'criteria': ', '.join(left_out)}}"
    messages.success(request, text, extra_tags="stay")
    return redirect("matching:cohort", pk=found.pk)


@login_required
@require_POST
def start(request: PersonRequest, pk: int) -> HttpResponse:
    """Queue a run and show its progress; when one is under way, show that one."""
    found = get_managed_cohort(request.user, pk)
    try:
        run = request_run(
            cohort=found,
            actor=request.user,
            now=timezone.now(),
            changes_little="changes_little" in request.POST,
        )
    except Conflict as error:
        messages.info(request, str(error))
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    else:
        return redirect(reverse("matching:review", args=(run.pk,)))
    return redirect("matching:cohort", pk=found.pk)
