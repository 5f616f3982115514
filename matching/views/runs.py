"""One run: its progress, its review, its list."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import PersonRequest
from core.errors import DomainError
from core.jobs import JobStatus
from core.numbers import whole_number
from matching import listing, selectors
from matching.access import get_managed_run
from matching.models import PairingRun, Proposal
from matching.reasons import rule_effects
from matching.services.lists import export_pairs
from matching.services.runs import cancel_run, retry_run
from matching.standing_words import change_sentences
from matching.views.circles import circles_context
from matching.views.job import job_context
from matching.views.policy import PolicyView
from matching.views.publishing import published_context, publishing_context
from matching.views.scenarios import what_if_context

PAIRS_A_PAGE = 20
MOST_WAITING = 50
MOST_HELD = 50
SORTS = (
    ("lowest", gettext_lazy("Lowest score first")),
    ("highest", gettext_lazy("Highest score first")),
    ("locked", gettext_lazy("Locked first")),
)
STAGES = {
    "people": gettext_lazy("Reading who is there."),
    "scores": gettext_lazy("Comparing every mentee with every mentor."),
    "floor": gettext_lazy("Lifting the weakest pair as far as it goes."),
    "circles": gettext_lazy("Finding the circles that fit best together."),
    "pairs": gettext_lazy("Finding the best pairs for everybody together."),
    "reasons": gettext_lazy("Writing down why."),
    "storing": gettext_lazy("Storing the proposals."),
}


@login_required
@require_safe
def review(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a finished run for review; one under way with its progress, a failed one with why.

    While its pairs are being published, show how far that is.
    """
    run = get_managed_run(request.user, pk)
    if run.status != JobStatus.DONE:
        return render(request, "matching/run.html", {"run": run, **run_context(run)})
    publication = run.publications.first()
    if publication is not None and publication.is_open:
        context = {"run": run, "publication": publication, **publishing_context(publication)}
        return render(request, "matching/publishing.html", context)
    context = {
        **review_context(request, run),
        **what_if_context(run, request.user),
        **published_context(run, publication, request.user),
    }
    name = "matching/circles.html" if run.is_of_circles else "matching/review.html"
    return render(request, name, context)


def run_context(run: PairingRun) -> dict[str, Any]:
    if run.cancel_requested_at and run.is_open:
        text = _("Stopping. This takes a moment.")
    elif run.status == JobStatus.QUEUED:
        text = _("Waiting for a worker. You may leave this page; the run goes on.")
    else:
        text = str(STAGES.get(run.stage, _("Starting.")))
    title = _("Forming the circles") if run.is_of_circles else _("Finding the best pairs")
    return job_context(run, run_id=run.pk, title=title, text=text)


def review_context(request: PersonRequest, run: PairingRun) -> dict[str, Any]:
    """Return what the review page shows of a draft: its pairs or circles, and how they came."""
    found = circles_context(request, run) if run.is_of_circles else _pairs(request, run)
    return {
        "run": run,
        "cohort": run.cohort,
        "policy": PolicyView.of(run.policy_snapshot, run.cohort.program),
        "certificate": certificate_of(run),
        "effects": rule_effects(run.result),
        "change": change_sentences(run.result),
        "steps": _steps(run),
        **found,
    }


def _pairs(request: PersonRequest, run: PairingRun) -> dict[str, Any]:
    user = request.user
    sort = request.GET.get("sort", "lowest")
    sort = sort if sort in dict(SORTS) else "lowest"
    proposals = selectors.review_proposals(run, user, sort=sort).select_related("match")
    number = request.GET.get("page") or _page_with(proposals, request.GET.get("pair"))
    page = Paginator(proposals, PAIRS_A_PAGE).get_page(number)
    held = list(selectors.held_proposals(run, user)[:MOST_HELD])
    return {
        "sort": sort,
        "sorts": SORTS,
        "page": page,
        "cards": listing.cards(list(page.object_list), run),
        "held": listing.cards(held, run),
        "waiting": listing.waiting_mentees(run, user, limit=MOST_WAITING),
        "counts": listing.draft_counts(run, user),
    }


def certificate_of(run: PairingRun) -> dict[str, Any]:
    """Return what is proved of a run, the gap of peers in percent as people write it."""
    found = dict(run.result.get("certificate", {}))
    if found.get("gap"):
        found["gap_percent"] = number_format(
            -(-found["gap"] // 10) / 10, 1
        )  # never less than it is
    found["seats_missing"] = max(found.get("most_people", 0) - run.result.get("pairs", 0), 0)
    found["pairs_missing"] = max(found.get("most_pairs", 0) - run.result.get("pairs", 0), 0)
    return found


def _page_with(proposals: QuerySet[Proposal], pair: str | None) -> int:
    """Return the number of the page on which a pair stands. One query, none without a pair."""
    pk = whole_number(pair)
    if pk is None:
        return 1
    places = {found: place for place, found in enumerate(proposals.values_list("pk", flat=True))}
    return places.get(pk, 0) // PAIRS_A_PAGE + 1


def _steps(run: PairingRun) -> list[dict[str, str]]:
    states = ("done", "done", "now", "next") if run.published_at is None else ("done",) * 4
    labels = (_("Collect"), _("Propose"), _("Review"), _("Publish"))
    steps = [{"label": label, "state": state} for label, state in zip(labels, states, strict=True)]
    if run.published_at is None:
        steps[-1]["url"] = reverse("matching:publish", args=(run.pk,))
    return steps


@login_required
@require_safe
def progress(request: PersonRequest, pk: int) -> HttpResponse:
    """Answer the poll of the progress bar; when run or publishing has ended, lead to the page."""
    run = get_managed_run(request.user, pk)
    url = reverse("matching:review", args=(run.pk,))
    if not request.htmx:
        return redirect(url)
    if run.is_open:
        return render(request, "matching/_job.html", {"run": run, **run_context(run)})
    publication = run.publications.first()
    if publication is not None and publication.is_open:
        return render(request, "matching/_job.html", publishing_context(publication))
    return HttpResponseClientRedirect(url)


@login_required
@require_POST
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    run = get_managed_run(request.user, pk)
    try:
        cancel_run(run=run, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.info(request, str(error))
    return redirect("matching:review", pk=run.pk)


@login_required
@require_POST
def retry(request: PersonRequest, pk: int) -> HttpResponse:
    run = get_managed_run(request.user, pk)
    try:
        retry_run(run=run, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    return redirect("matching:review", pk=run.pk)


@login_required
@require_safe
def export(request: PersonRequest, pk: int) -> HttpResponse:
    """Send the list of pairs as CSV."""
    run = get_managed_run(request.user, pk)
    name = slugify(f"{run.cohort.program.name} {run.cohort.name} pairs {run.pk}")
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    if request.method != "HEAD":
        rows = export_pairs(run=run, actor=request.user, now=timezone.now())
        csv.writer(response).writerows(rows)
    return response
