"""Lists from HR: upload, columns, preview with what it means, confirm, result, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.http import PersonRequest
from audit.services import record
from core.errors import DomainError
from core.ui.forms import take_refusal
from participants import stepped
from participants.presenting import as_csv
from participants.stepped import DONE, MAP, PREVIEW, STOPPED, UNDONE, WORKING
from support import feed_pages as presenting
from support.access import check_keeps_hr_lists, get_feed_for
from support.feed.impact import matches_that_would_rest
from support.feed.sentences import said_problem
from support.forms import FeedColumnsForm, FeedForm
from support.models import Feed, FeedSettings
from support.services import feeding

PER_PAGE = 20
INVALID = 422


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request: PersonRequest) -> HttpResponse:
    """Upload a list; below, those before it."""
    check_keeps_hr_lists(request.user)
    form = FeedForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            feed = feeding.start_feed(
                kind=form.cleaned_data["kind"],
                file_name=file.name,
                content=file.read(),
                dated=form.cleaned_data["dated"],
                actor=request.user,
                now=timezone.now(),
            )
        except DomainError as error:
            take_refusal(form, error, instead="file")
        else:
            return redirect("support:feed", feed.token)
    page = Paginator(Feed.objects.select_related("requested_by"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "form": form,
        "page_obj": page,
        "earlier": [(feed, presenting.pill_of(feed)) for feed in page.object_list],
        "steps": stepped.steps_of(None, last=_("Apply")),
        "care": FeedSettings.load(),
        "nightly_path": settings.HR_FEED_PATH,
    }
    status = INVALID if form.is_bound else 200
    return render(request, "support/feed/feeds.html", context, status=status)


@login_required
@require_safe
def feed(request: PersonRequest, key: UUID) -> HttpResponse:
    """Show where a list stands: columns, progress, preview or result."""
    found = get_feed_for(request.user, key)
    pages: dict[str, Callable[[PersonRequest, Feed], HttpResponse]] = {
        MAP: _columns_page,
        WORKING: _working_page,
        PREVIEW: _preview_page,
        STOPPED: _stopped_page,
        DONE: _result_page,
        UNDONE: _result_page,
    }
    return pages[stepped.phase_of(found)](request, found)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: PersonRequest, key: UUID) -> HttpResponse:
    """Say what each column means, the first time or again."""
    found = get_feed_for(request.user, key)
    if request.method != "POST":
        return _columns_page(request, found)
    form = FeedColumnsForm(request.POST, feed=found)
    if form.is_valid():
        try:
            feeding.map_feed(
                feed=found, columns=form.chosen(), now=timezone.now(), actor=request.user
            )
        except DomainError as error:
            take_refusal(form, error)
        else:
            return redirect("support:feed", found.token)
    return _columns_page(request, found, form=form)


@login_required
@require_safe
def progress(request: PersonRequest, key: UUID) -> HttpResponse:
    """Answer the progress card's question; when the work has ended, have the page loaded anew."""
    found = get_feed_for(request.user, key)
    if not request.htmx:
        return redirect("support:feed", found.token)
    if not found.is_open:
        return HttpResponseClientRefresh()
    return render(request, "parts/job.html", presenting.progress_of(found))


@login_required
@require_POST
def confirm(request: PersonRequest, key: UUID) -> HttpResponse:
    """Apply what the preview shows; one that is held only with a word that the names are right."""
    found = get_feed_for(request.user, key)
    try:
        feeding.confirm_feed(
            feed=found,
            seen=request.POST.get("seen", ""),
            accepts_hold=request.POST.get("accepts") == "1",
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
    return redirect("support:feed", key)


@login_required
@require_POST
def act(request: PersonRequest, key: UUID, what: str) -> HttpResponse:
    """Look again, stop, undo or discard; a refusal becomes a message on the page."""
    found = get_feed_for(request.user, key)
    doing = ACTS.get(what)
    if doing is None:
        raise Http404
    try:
        answer = doing(request, found)
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        answer = None
    return answer or redirect("support:feed", key)


def _look_again(request: PersonRequest, found: Feed) -> None:
    feeding.look_again(feed=found, now=timezone.now(), actor=request.user)


def _cancel(_request: PersonRequest, found: Feed) -> None:
    feeding.cancel_feed(feed=found, now=timezone.now())


def _undo(request: PersonRequest, found: Feed) -> None:
    feeding.undo_feed(feed=found, actor=request.user, now=timezone.now())


def _discard(request: PersonRequest, found: Feed) -> HttpResponse:
    feeding.discard_feed(feed=found, actor=request.user, now=timezone.now())
    messages.success(request, _("The list is deleted. Nothing was applied."))
    return redirect("support:feeds")


ACTS: dict[str, Callable[[PersonRequest, Feed], HttpResponse | None]] = {
    "check": _look_again,
    "cancel": _cancel,
    "undo": _undo,
    "discard": _discard,
}


@login_required
@require_safe
def problems(request: PersonRequest, key: UUID) -> StreamingHttpResponse:
    """Download the problem rows with a column that says why."""
    found = get_feed_for(request.user, key)
    record(
        actor=request.user,
        action="feed.problem_rows_downloaded",
        about=found,
        now=timezone.now(),
        detail={"rows": found.counts.get("problem", 0)},
    )
    response = StreamingHttpResponse(
        as_csv(stepped.problem_file(found, said_problem=said_problem)),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="hr-problems-{found.pk}.csv"'
    return response


def _page(
    request: PersonRequest, found: Feed, template: str, status: int = 200, **context: Any
) -> HttpResponse:
    shared = {
        "feed": found,
        "pill": presenting.pill_of(found),
        "steps": stepped.steps_of(found, last=_("Apply")),
    }
    return render(request, f"support/feed/{template}.html", {**shared, **context}, status=status)


def _columns_page(
    request: PersonRequest, found: Feed, form: FeedColumnsForm | None = None
) -> HttpResponse:
    if stepped.phase_of(found) not in (MAP, PREVIEW, STOPPED):
        return redirect("support:feed", found.token)
    status = INVALID if form else 200
    return _page(request, found, "columns", status, form=form or FeedColumnsForm(feed=found))


def _working_page(request: PersonRequest, found: Feed) -> HttpResponse:
    return _page(request, found, "working", progress=presenting.progress_of(found))


def _preview_page(request: PersonRequest, found: Feed) -> HttpResponse:
    page, show = presenting.rows_page(
        found, show=request.GET.get("show", ""), number=request.GET.get("page", "")
    )
    return _page(
        request,
        found,
        "preview",
        page=page,
        filters=presenting.filters_of(found, show),
        resting=matches_that_would_rest(found, viewer=request.user),
        held=presenting.why_held(found) if found.is_held else [],
        changes=feeding.change_count(found),
        says_anything=feeding.says_anything(found),
    )


def _stopped_page(request: PersonRequest, found: Feed) -> HttpResponse:
    return _page(request, found, "stopped")


def _result_page(request: PersonRequest, found: Feed) -> HttpResponse:
    page, show = presenting.rows_page(
        found, show=request.GET.get("show", ""), number=request.GET.get("page", "")
    )
    return _page(
        request,
        found,
        "result",
        page=page,
        filters=presenting.filters_of(found, show),
        may_undo=presenting.may_undo(found, now=timezone.now()),
        undo_until=stepped.undo_until(found),
        has_rows=found.rows.exists(),
    )
