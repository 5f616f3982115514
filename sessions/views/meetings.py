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
from core.numbers import whole_number
from matching.access import MANAGER
from sessions import access, selectors, services
from sessions.guides import suggested_agenda

MEETINGS_A_PAGE = 30
LAST_START = 1_000_000


@login_required
@require_safe
def meetings(request: PersonRequest) -> HttpResponse:
    start = _start(request)
    user, now = request.user, timezone.now()
    rows = selectors.meetings_of(user, start=start, limit=MEETINGS_A_PAGE)
    offers = selectors.offers_for(user, now=now)
    context = {
        "waiting": [offer for offer in offers if not offer.is_own],
        "offered": [offer for offer in offers if offer.is_own],
        "upcoming": selectors.planned_of(user, now=now),
        "went_by": selectors.went_by(user, now=now),
        "can_plan": bool(selectors.matches_to_log(user)),
        "rows": rows[:MEETINGS_A_PAGE],
        "next_start": start + MEETINGS_A_PAGE if len(rows) > MEETINGS_A_PAGE else None,
        "previous_start": max(0, start - MEETINGS_A_PAGE) if start else None,
    }
    return render(request, "meetings/list.html", context)


def _start(request: PersonRequest) -> int:
    return whole_number(request.GET.get("start"), most=LAST_START) or 0


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
        now = timezone.now()
        meeting = sheet.meeting
        context = {
            "sheet": sheet,
            "meeting": meeting,
            "when": sheet.when_for(request.user),
            "is_over": bool(meeting.ends_at and meeting.ends_at <= now),
            "has_begun": bool(meeting.starts_at and meeting.starts_at <= now),
            "suggested": suggested_agenda(meeting, now=now) if meeting.is_planned else [],
        }
        name = "detail" if meeting.held_on else "planned"
        return render(request, f"meetings/{name}.html", context)
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
