"""Meetings as lists and pages, and taking one back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import PersonRequest
from core.errors import DomainError
from matching.access import MANAGER
from sessions import access, selectors, services

MEETINGS_A_PAGE = 30


@login_required
@require_safe
def meetings(request: PersonRequest) -> HttpResponse:
    start = _start(request)
    rows = selectors.meetings_of(request.user, start=start, limit=MEETINGS_A_PAGE)
    context = {
        "rows": rows[:MEETINGS_A_PAGE],
        "next_start": start + MEETINGS_A_PAGE if len(rows) > MEETINGS_A_PAGE else None,
        "previous_start": max(0, start - MEETINGS_A_PAGE) if start else None,
    }
    return render(request, "meetings/list.html", context)


def _start(request: PersonRequest) -> int:
    value = request.GET.get("start", "0")
    return int(value) if value.isdecimal() and len(value) < 8 else 0


@login_required
@require_safe
def choose(request: PersonRequest) -> HttpResponse:
    """Go to the log form of the person's match; who has several chooses one."""
    rows = selectors.matches_to_log(request.user)
    if len(rows) == 1:
        return redirect("meetings:log", match_pk=rows[0][0])
    return render(request, "meetings/choose.html", {"rows": rows})


@login_required
@require_safe
def detail(request: PersonRequest, pk: int) -> HttpResponse:
    sheet = selectors.meeting_sheet(request.user, pk)
    if sheet is not None:
        context = {"sheet": sheet, "meeting": sheet.meeting}
        return render(request, "meetings/detail.html", context)
    meeting, seat = access.get_meeting_for(request.user, pk)
    if seat != MANAGER:
        raise Http404
    return render(request, "meetings/detail_manager.html", {"meeting": meeting})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """A link shows the question; only the button takes the meeting back."""
    sheet = selectors.meeting_sheet(request.user, pk)
    if sheet is None:
        raise Http404
    meeting = sheet.meeting
    if request.method != "POST":
        return render(request, "meetings/remove.html", {"sheet": sheet, "meeting": meeting})
    try:
        services.remove_meeting(meeting=meeting, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error), extra_tags="stay")
        return redirect("meetings:detail", pk=pk)
    messages.success(request, _("The meeting is taken back."))
    return redirect("match", pk=meeting.match_id)
