"""What if: try other weights, rules or another aim on a draft, look, apply or leave it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from core.jobs import JobStatus
from matching import whatif
from matching.access import get_managed_draft, get_managed_scenario
from matching.comparing import named
from matching.forms import ScenarioForm
from matching.models import PairingRun, ProposalState, Scenario
from matching.reasons import POINTS_A_PERCENT
from matching.services.scenarios import apply_scenario, forget_scenario, request_scenario
from matching.views.policy import PolicyView

MOST_MOVES_SHOWN = 200
SOON = timedelta(seconds=3)
POLL_MS, POLL_MS_LATER = 150, 1_000


@dataclass(frozen=True)
class Figures:
    """A scenario in numbers of a hundred, beside the draft as it stands.

    ``rehomed`` are mentees who have a mentor in both, and not the same.
    """

    average: float
    change: float
    pairs: int
    pairs_change: int
    changed: int
    rehomed: int
    held: int
    locked: int
    worst: int | None
    worst_now: int | None

    @property
    def drop(self) -> float:
        return -self.change

    @property
    def pairs_lost(self) -> int:
        return -self.pairs_change

    @classmethod
    def of(cls, scenario: Scenario, locked: int) -> Figures:
        found = scenario.result
        average, now = (
            round((found[name] or 0) / POINTS_A_PERCENT, 1) for name in ("average", "average_now")
        )
        return cls(
            average=average,
            change=round(average - now, 1),
            pairs=found["pairs"],
            pairs_change=found["pairs"] - found["pairs_now"],
            changed=found["changed"],
            rehomed=found["changed"] - found["gained"] - found["lost"],
            held=found["held"],
            locked=locked,
            worst=whatif.of_hundred(found["worst"]),
            worst_now=whatif.of_hundred(found["worst_now"]),
        )


def what_if_context(run: PairingRun, user: Any) -> dict[str, Any]:
    """Return the card for the review page: the form as it was tried last, and what came of it."""
    if run.published_at is not None or run.is_of_peers or run.is_of_circles:
        return {}
    scenario = Scenario.objects.filter(run=run, requested_by=user, name="").first()
    shown = scenario.policy_snapshot if scenario else None
    return {
        "kept": Scenario.objects.filter(run=run).exclude(name="").count(),
        "what_if": ScenarioForm(run.policy_snapshot, shown=shown),
        **scenario_context(run, scenario),
    }


def scenario_context(run: PairingRun, scenario: Scenario | None) -> dict[str, Any]:
    """Return what the result of a scenario shows, wherever it stands."""
    context: dict[str, Any] = {"run": run, "scenario": scenario}
    if scenario is not None and scenario.is_open:
        is_new = timezone.now() - scenario.created_at < SOON
        context["poll_ms"] = POLL_MS if is_new else POLL_MS_LATER
    if scenario is not None and scenario.status == JobStatus.DONE:
        locked = run.proposals.filter(state=ProposalState.LOCKED).count()
        context["figures"] = Figures.of(scenario, locked)
    return context


@login_required
@require_POST
def start(request: PersonRequest, pk: int) -> HttpResponse:
    """Queue a scenario from the sliders; answers the card with scripts, else its page."""
    run = get_managed_draft(request.user, pk)
    if "reset" in request.POST:
        forget_scenario(run=run, actor=request.user)
        return redirect("matching:review", pk=run.pk)
    form = ScenarioForm(run.policy_snapshot, request.POST)
    scenario = None
    if form.is_valid():
        try:
            scenario = request_scenario(
                run=run, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            form.add_error(None, str(error))
    if request.htmx:
        context = {**scenario_context(run, scenario), "what_if": form}
        return render(request, "matching/_scenario.html", context)
    if scenario is not None:
        return redirect("matching:scenario", pk=scenario.pk)
    for errors in form.errors.values():
        messages.error(request, str(errors[0]), extra_tags="stay")
    return redirect("matching:review", pk=run.pk)


@login_required
@require_safe
def scenario(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a scenario with everybody who would change, or its progress."""
    found = get_managed_scenario(request.user, pk)
    if found.is_open:
        return render(request, "matching/scenario.html", {**_job(found), "scenario": found})
    context = {
        **scenario_context(found.run, found),
        "cohort": found.run.cohort,
        "policy": PolicyView.of(found.policy_snapshot),
        "groups": _groups(found),
        "moves": whatif.moves_of(found, request.user, limit=MOST_MOVES_SHOWN),
        "own": whatif.own_change_count(found, request.user),
        "can_apply": found.status == JobStatus.DONE and found.run.published_at is None,
    }
    return render(request, "matching/scenario.html", context)


def _groups(found: Scenario) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "department": named([name or _("No department") for name in row["names"]]),
            "now": whatif.of_hundred(row["now"]),
            "then": whatif.of_hundred(row["then"]),
        }
        for row in found.result.get("groups", [])
        if "names" in row
    ]


def _job(found: Scenario) -> dict[str, Any]:
    return {
        "run": found.run,
        "cohort": found.run.cohort,
        "job_title": _("Trying other weights"),
        "job_text": _("This takes a few seconds. Nothing is saved until you apply it."),
        "poll_url": reverse("matching:scenario_progress", args=(found.pk,)) + "?page",
        "refresh_url": reverse("matching:scenario", args=(found.pk,)),
    }


@login_required
@require_safe
def progress(request: PersonRequest, pk: int) -> HttpResponse:
    """Answer the poll of the card on the review page, or of the scenario's own page."""
    found = get_managed_scenario(request.user, pk)
    if not request.htmx:
        return redirect("matching:scenario", pk=found.pk)
    if "page" not in request.GET:
        return render(request, "matching/_scenario.html", scenario_context(found.run, found))
    if found.is_open:
        return render(request, "matching/_job.html", _job(found))
    answer = HttpResponse()
    answer["HX-Refresh"] = "true"
    return answer


@login_required
@require_POST
def apply(request: PersonRequest, pk: int) -> HttpResponse:
    """Make the tried policy the cohort's and start a run with it."""
    found = get_managed_scenario(request.user, pk)
    try:
        run = apply_scenario(scenario=found, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect("matching:review", pk=found.run_id)
    messages.success(request, _("The policy is changed. A new draft is being computed with it."))
    return redirect("matching:review", pk=run.pk)
