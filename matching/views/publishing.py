"""Publishing a draft: who will be told what, the question, how far it is, what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import PersonRequest
from accounts.models import User
from core.errors import DomainError
from core.jobs import JobStatus
from matching import listing, refusals, selectors
from matching.access import get_managed_run
from matching.circle_listing import circle_counts, not_of
from matching.models import PairingRun, Publication
from matching.publishing import what_is_told
from matching.services.publications import cancel_publication, publish_draft
from matching.views.job import job_context

STAGES = {
    "publishing": gettext_lazy("Making the matches. Nobody is told before all of them are made."),
    "announcing": gettext_lazy("Putting the mails into the queue. They leave when all are there."),
}


def publishing_context(publication: Publication) -> dict[str, Any]:
    """Return what the progress of publishing shows."""
    if publication.cancel_requested_at:
        text = _("Stopping. This takes a moment.")
    elif publication.status == JobStatus.QUEUED:
        text = _("Waiting for a worker. You may leave this page; it goes on.")
    else:
        text = str(STAGES.get(publication.stage, _("Starting.")))
    is_of_circles = publication.run.is_of_circles
    title = _("Publishing the circles") if is_of_circles else _("Publishing the pairs")
    return job_context(publication, run_id=publication.run_id, title=title, text=text)


def published_context(
    run: PairingRun, publication: Publication | None, user: User
) -> dict[str, Any]:
    """Return what came of the last publishing: pairs that were left out with why, or a failure."""
    if publication is None:
        return {}
    codes = dict(publication.result.get("left_out", []))
    rows = selectors.review_proposals(run, user).filter(pk__in=codes)
    if run.is_of_circles:
        rows = rows.filter(circle__in=not_of(run.circles.all(), user))
    return {
        "publication": publication,
        "left_out": [
            {"proposal": row, "sentence": refusals.sentence_of(codes[row.pk])} for row in rows
        ],
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: PersonRequest, pk: int) -> HttpResponse:
    """Say who will be told what and ask; publish by POST and tell what came of it."""
    run = get_managed_run(request.user, pk)
    if request.method == "POST":
        return _publish(request, run)
    if run.published_at is not None or selectors.is_publishing(run=run):
        return redirect("matching:review", pk=run.pk)
    count = circle_counts if run.is_of_circles else listing.draft_counts
    context = {
        "run": run,
        "cohort": run.cohort,
        "counts": count(run, request.user),
        "told": what_is_told(run, request.user),
    }
    name = "matching/publish_circles.html" if run.is_of_circles else "matching/publish.html"
    return render(request, name, context)


def _publish(request: PersonRequest, run: PairingRun) -> HttpResponse:
    seen = request.POST.get("seen", "")
    try:
        publication = publish_draft(run=run, actor=request.user, now=timezone.now(), seen=seen)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        page = "publish" if run.published_at is None and seen else "review"
        return redirect(f"matching:{page}", pk=run.pk)
    if publication.status == JobStatus.DONE:
        _tell(request, publication)
    return redirect("matching:review", pk=run.pk)


def _tell(request: PersonRequest, publication: Publication) -> None:
    made, left_out = publication.result["matches"], len(publication.result["left_out"])
    if publication.run.is_of_circles:
        _tell_of_circles(request, made, left_out)
        return
    if made:
        said = ngettext(
            "%(count)d pair is published. Both people get a mail.",
            "%(count)d pairs are published. Everybody gets a mail.",
            made,
        )
        messages.success(request, said % {"count": made}, extra_tags="stay")
    if left_out:
        said = ngettext(
            "%(count)d pair was left out. See why below.",
            "%(count)d pairs were left out. See why below.",
            left_out,
        )
        messages.warning(request, said % {"count": left_out})


def _tell_of_circles(request: PersonRequest, made: int, left_out: int) -> None:
    if made:
        said = ngettext(
            "%(count)d circle is published. Everybody in it gets a mail.",
            "%(count)d circles are published. Everybody in them gets a mail.",
            made,
        )
        messages.success(request, said % {"count": made}, extra_tags="stay")
    if left_out:
        said = ngettext(
            "%(count)d circle was left out. See why below.",
            "%(count)d circles were left out. See why below.",
            left_out,
        )
        messages.warning(request, said % {"count": left_out})


@login_required
@require_POST
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask publishing to stop before anything of it holds."""
    run = get_managed_run(request.user, pk)
    publication = run.publications.select_related("run__cohort").first()
    try:
        if publication is not None:
            cancel_publication(publication=publication, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.info(request, str(error))
    return redirect("matching:review", pk=run.pk)
