"""What if: try other weights, rules or another aim on a draft, look, apply or leave it."""

from __future__ import annotations

from collections.abc import Mapping
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
from matching.access import get_managed_run, get_managed_scenario
from matching.comparing import named
from matching.forms import ScenarioForm
from matching.labels import dropped_rules
from matching.models import PairingRun, ProposalState, Scenario
from matching.reasons import POINTS_A_PERCENT
from matching.services.scenarios import apply_scenario, forget_scenario, request_scenario
from matching.trying_words import PairWords, words_of
from matching.views.policy import PolicyView
from matching.ways import way_of

MOST_MOVES_SHOWN = 200
SOON = timedelta(seconds=3)
POLL_MS, POLL_MS_LATER = 150, 1_000


@dataclass(frozen=True)
class Figures:
    """A scenario in numbers of a hundred, beside the draft as it stands, and in sentences."""

    average: float
    change: float
    placed: int
    said: str
    worst: str
    broken: str

    @property
    def drop(self) -> float:
        return -self.change

    @classmethod
    def of(cls, scenario: Scenario, words: PairWords, locked: int) -> Figures:
        found = scenario.result
        average, now = (
            round((found[name] or 0) / POINTS_A_PERCENT, 1) for name in ("average", "average_now")
        )
        worst, worst_now = (whatif.of_hundred(found[name]) for name in ("worst", "worst_now"))
        return cls(
            average=average,
            change=round(average - now, 1),
            placed=found["placed"],
            said=_said(found, words, locked),
            worst=""
            if worst is None or worst_now is None
            else words.weakest_then(worst, worst_now),
            broken=words.broken(found["broken_now"]) if found["broken_now"] else "",
        )


def _said(found: Mapping[str, Any], words: PairWords, locked: int) -> str:
    """Say how many are made, who gains or loses a place, and who would be with others."""
    gain = found["placed"] - found["placed_now"]
    rehomed = found["changed"] - found["gained"] - found["lost"]
    sentences = [words.made(found["groups_made"], found["placed"])]
    if gain:
        sentences.append(words.more(gain) if gain > 0 else words.fewer(-gain))
    if rehomed:
        sentences.append(words.moved(rehomed))
    elif not found["changed"]:
        sentences.append(f"{words.kept}.")
    if found["held"]:
        sentences.append(words.held(found["held"]))
    if locked:
        sentences.append(words.locked(locked))
    return " ".join(sentences)


def what_if_context(run: PairingRun, user: Any) -> dict[str, Any]:
    """Return the card for the review page: the form as it was tried last, and what came of it."""
    if run.published_at is not None:
        return {}
    scenario = Scenario.objects.filter(run=run, requested_by=user, name="").first()
    shown = scenario.policy_snapshot if scenario else None
    words = words_of(run)
    minimum = run.policy_snapshot["minimum_fit"]
    return {
        "kept": Scenario.objects.filter(run=run).exclude(name="").count(),
        "what_if": ScenarioForm(run.policy_snapshot, cohort=run.cohort, shown=shown),
        "words": words,
        "fit_help": words.fit % {"points": minimum} if minimum else "",
        **scenario_context(run, scenario),
    }


def scenario_context(run: PairingRun, scenario: Scenario | None) -> dict[str, Any]:
    """Return what the result of a scenario shows, wherever it stands."""
    context: dict[str, Any] = {"run": run, "scenario": scenario}
    if scenario is not None and scenario.is_open:
        is_new = timezone.now() - scenario.created_at < SOON
        context["poll_ms"] = POLL_MS if is_new else POLL_MS_LATER
    if scenario is not None and scenario.status == JobStatus.DONE:
        locked = len(way_of(run).held_in(run, [ProposalState.LOCKED]))
        context["dropped"] = dropped_rules(run, scenario)
        context["figures"] = Figures.of(scenario, words_of(run), locked)
    return context


@login_required
@require_POST
def start(request: PersonRequest, pk: int) -> HttpResponse:
    """Queue a scenario from the sliders; answers the card with scripts, else its page."""
    run = get_managed_run(request.user, pk)
    if "reset" in request.POST:
        forget_scenario(run=run, actor=request.user)
        return redirect("matching:review", pk=run.pk)
    form = ScenarioForm(run.policy_snapshot, request.POST, cohort=run.cohort)
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
        "policy": PolicyView.of(found.policy_snapshot, found.run.cohort.program),
        "words": words_of(found.run),
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
